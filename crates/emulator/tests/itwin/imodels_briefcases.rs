//! Briefcases: acquiring, listing, releasing.

use serde_json::{Value, json};

use crate::{
    imodels_support::Scene,
    support::{MISSING, each},
};

#[tokio::test]
async fn a_briefcase_is_acquired_and_released() {
    let scene = Scene::new().await;
    let vera = scene.viewer("Vera").await;
    let path = scene.at("briefcases");
    let made = vera.post(&path, &json!({"deviceName": "Laptop"})).await.expect(201).json();
    let briefcase = &made["briefcase"];
    assert_eq!((&briefcase["id"], &briefcase["briefcaseId"]), (&json!("2"), &json!(2)));
    assert_eq!(briefcase["ownerId"], vera.id);
    assert_eq!(briefcase["deviceName"], "Laptop");
    assert!(briefcase["application"]["id"].is_string());
    let own = format!("{path}/2");
    assert_eq!(vera.get(&own).await.expect(200).json(), made);
    let owner = briefcase["_links"]["owner"]["href"].as_str().unwrap();
    assert_eq!(vera.get(owner).await.expect(200).json()["user"]["email"], vera.email);
    let checkpoint = briefcase["_links"]["checkpoint"]["href"].as_str().unwrap();
    scene.stage.ada.get(checkpoint).await.expect(200);
    // Numbers are not given out again.
    vera.delete(&own).await.expect(204);
    vera.get(&own).await.refused(404, "BriefcaseNotFound");
    vera.delete(&own).await.refused(404, "BriefcaseNotFound");
    vera.mark(&path).await.expect(201);
    assert_eq!(vera.get(&format!("{path}/3")).await.expect(200).json()["briefcase"]["id"], "3");
    vera.get(&format!("{path}/x")).await.refused(404, "BriefcaseNotFound");
    vera.post(&path, &json!({"deviceName": 1})).await.refused_for(
        "InvalidiModelsRequest",
        "InvalidValue",
        "deviceName",
    );
}

#[tokio::test]
async fn briefcases_are_listed_by_owner() {
    let scene = Scene::new().await;
    let (ada, vera) = (&scene.stage.ada, scene.viewer("Vera").await);
    ada.new_briefcase(&scene.path).await;
    scene.wait(1);
    vera.new_briefcase(&scene.path).await;
    let ids = async |query: &str| {
        let path = scene.at(&format!("briefcases?{query}"));
        each(&vera.get(&path).await.expect(200).json()["briefcases"], "id")
    };
    assert_eq!(ids("").await, ["2", "3"]);
    assert_eq!(ids("$orderBy=acquiredDateTime%20desc").await, ["3", "2"]);
    assert_eq!(ids("ownerId=me").await, ["3"]);
    assert_eq!(ids(&format!("ownerId={}", ada.id)).await, ["2"]);
    assert_eq!(ids(&format!("ownerId={MISSING}")).await, [""; 0]);
    let minimal = vera.get(&scene.at("briefcases?$top=1")).await.expect(200).json();
    assert_eq!(minimal["briefcases"], json!([{"id": "2", "displayName": "2"}]));
    let full = vera.get_all_of(&scene.at("briefcases?$top=1")).await.expect(200).json();
    assert_eq!(full["briefcases"][0]["deviceName"], Value::Null);
    vera.get(&scene.at("briefcases?ownerId=x")).await.refused_for(
        "InvalidiModelsRequest",
        "InvalidValue",
        "ownerId",
    );
}

#[tokio::test]
async fn briefcases_of_others_are_released_by_managers() {
    let scene = Scene::new().await;
    let (vera, will) = (scene.viewer("Vera").await, scene.writer("Will").await);
    let number = vera.new_briefcase(&scene.path).await;
    let path = scene.at(&format!("briefcases/{number}"));
    will.delete(&path).await.refused(403, "InsufficientPermissions");
    scene.stage.ada.delete(&path).await.expect(204);
}

#[tokio::test]
async fn a_user_has_so_many_briefcases_and_gets_so_many_in_a_minute() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    for _ in 0..100 {
        ada.new_briefcase(&scene.path).await;
    }
    let path = scene.at("briefcases");
    ada.post(&path, &json!({})).await.refused(403, "ResourceQuotaExceeded");
    ada.delete(&format!("{path}/2")).await.expect(204);
    ada.post(&path, &json!({})).await.refused(429, "RateLimitExceeded");
    scene.wait(61);
    ada.post(&path, &json!({})).await.expect(201);
}
