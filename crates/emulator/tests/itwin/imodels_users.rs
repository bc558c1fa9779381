//! Who works with an iModel, and what they did.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id},
    support::{MISSING, each},
};

#[tokio::test]
async fn owners_and_members_are_users() {
    let scene = Scene::new().await;
    let (ada, will) = (&scene.stage.ada, scene.writer("Will Young").await);
    scene.viewer("Vera Old").await;
    let path = scene.at("users");
    let list = async |query: &str| ada.get(&format!("{path}?{query}")).await.expect(200).json();
    let all = list("").await;
    assert_eq!(all["users"].as_array().unwrap().len(), 3);
    let links = &all["users"][1]["_links"]["self"]["href"];
    ada.get(links.as_str().unwrap()).await.expect(200);
    assert!(all["users"][0].get("email").is_none());
    let by_surname = list("$orderBy=surname%20desc&$top=1").await;
    assert_eq!(each(&by_surname["users"], "id"), std::slice::from_ref(&will.id));
    let full = ada.get_all_of(&format!("{path}?$orderBy=givenName")).await.expect(200).json();
    assert_eq!(each(&full["users"], "givenName"), ["Ada", "Vera", "Will"]);
    ada.get(&format!("{path}/{MISSING}")).await.refused(404, "UserNotFound");
    ada.get(&format!("{path}/{}", scene.stage.service.id)).await.refused(404, "UserNotFound");
}

#[tokio::test]
async fn what_a_user_did_is_counted() {
    let scene = Scene::new().await;
    let will = scene.writer("Will").await;
    let path = scene.at(&format!("users/{}", will.id));
    let statistics =
        async || will.get(&path).await.expect(200).json()["user"]["statistics"].clone();
    assert_eq!(
        statistics().await,
        json!({
            "pushedChangesetsCount": 0, "lastChangesetPushDate": null,
            "createdVersionsCount": 0, "lastAccessTime": null, "briefcasesCount": 0,
            "applications": [],
        })
    );
    let briefcase = will.new_briefcase(&scene.path).await;
    will.push(&scene.path, briefcase, 1).await;
    let version = json!({"name": "One", "changesetId": changeset_id(1)});
    will.post(&scene.at("namedversions"), &version).await.expect(201);
    let lock = async |object: &str| {
        let locked = json!([{"lockLevel": "exclusive", "objectIds": [object]}]);
        let body = json!({"briefcaseId": briefcase, "lockedObjects": locked});
        will.patch(&scene.at("locks"), &body).await.expect(200);
        let application = statistics().await["applications"][0].clone();
        [application["ownsLocks"].clone(), application["ownsExclusiveRootElementLock"].clone()]
    };
    assert_eq!(lock("0x9").await, [Value::from(true), Value::from(false)]);
    assert_eq!(lock("0x1").await, [Value::from(true), Value::from(true)]);
    let counted = statistics().await;
    assert_eq!(counted["pushedChangesetsCount"], 1);
    assert!(counted["lastChangesetPushDate"].is_string());
    assert_eq!(
        (&counted["createdVersionsCount"], &counted["briefcasesCount"]),
        (&json!(1), &json!(1))
    );
}
