//! Locks: taking, conflicts, releasing, who let go of what.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id},
    support::{Answer, Caller},
};

const INVALID: &str = "InvalidiModelsRequest";

async fn lock(caller: &Caller, scene: &Scene, briefcase: u32, level: &str, ids: &[&str]) -> Answer {
    lock_at(caller, scene, briefcase, None, level, ids).await
}

async fn lock_at(
    caller: &Caller,
    scene: &Scene,
    briefcase: u32,
    changeset: Option<usize>,
    level: &str,
    ids: &[&str],
) -> Answer {
    let body = json!({
        "briefcaseId": briefcase, "changesetId": changeset.map(changeset_id),
        "lockedObjects": [{"lockLevel": level, "objectIds": ids}],
    });
    caller.patch(&scene.at("locks"), &body).await
}

#[tokio::test]
async fn locks_are_taken_listed_and_released() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let body = json!({"briefcaseId": briefcase, "lockedObjects": [
        {"lockLevel": "exclusive", "objectIds": ["0x1", "0xAB"]},
        {"lockLevel": "shared", "objectIds": ["0x2"]},
    ]});
    let taken = ada.patch(&scene.at("locks"), &body).await.expect(200).json();
    assert_eq!(taken["lock"]["briefcaseId"], briefcase);
    assert_eq!(taken["lock"]["lockedObjects"][0]["objectIds"], json!(["0x1", "0xab"]));
    let list = async |query: &str| {
        let list = ada.get(&scene.at(&format!("locks?{query}"))).await.expect(200).json();
        assert!(list["_links"]["next"].is_null());
        list["locks"].clone()
    };
    assert_eq!(
        list("").await,
        json!([{"briefcaseId": briefcase, "lockedObjects": [
            {"lockLevel": "shared", "objectIds": ["0x2"]},
            {"lockLevel": "exclusive", "objectIds": ["0x1", "0xab"]},
        ]}])
    );
    let shared = list(&format!("briefcaseId={briefcase}&lockLevel=shared")).await;
    assert_eq!(shared[0]["lockedObjects"].as_array().unwrap().len(), 1);
    assert_eq!(list("briefcaseId=99").await, json!([]));
    lock(ada, &scene, briefcase, "none", &["0x1"]).await.expect(200);
    assert_eq!(
        list("lockLevel=exclusive").await[0]["lockedObjects"][0]["objectIds"],
        json!(["0xab"])
    );
    lock(ada, &scene, briefcase, "none", &["0x1"]).await.refused(404, "LockNotFound");
    // What a briefcase keeps goes with it.
    ada.delete(&scene.at(&format!("briefcases/{briefcase}"))).await.expect(204);
    assert_eq!(list("").await, json!([]));
}

#[tokio::test]
async fn a_conflict_tells_who_holds_what() {
    let scene = Scene::new().await;
    let (ada, will) = (&scene.stage.ada, scene.writer("Will").await);
    let (first, second) =
        (ada.new_briefcase(&scene.path).await, will.new_briefcase(&scene.path).await);
    lock(ada, &scene, first, "shared", &["0x5", "0x6"]).await.expect(200);
    lock(&will, &scene, second, "shared", &["0x5"]).await.expect(200);
    let error = lock(&will, &scene, second, "exclusive", &["0x5", "0x7"]).await;
    let conflicting = json!([{"objectId": "0x5", "lockLevel": "shared", "briefcaseIds": [first]}]);
    assert_eq!(error.json()["error"]["conflictingLocks"], conflicting);
    error.refused(409, "ConflictWithAnotherUser");
    // All or nothing.
    lock(ada, &scene, first, "exclusive", &["0x7"]).await.expect(200);
    let error = lock(&will, &scene, second, "shared", &["0x7"]).await;
    error.refused(409, "ConflictWithAnotherUser");
    let error = lock(&will, &scene, second, "none", &["0x5", "0x6"]).await;
    assert_eq!(error.json()["error"]["conflictingLocks"][0]["objectId"], "0x6");
    error.refused(409, "LockOwnedByAnotherBriefcase");
    // Locks of somebody else are for managers.
    lock(&will, &scene, first, "none", &["0x7"]).await.refused(403, "InsufficientPermissions");
    lock(ada, &scene, second, "none", &["0x5"]).await.expect(200);
    lock(ada, &scene, first, "exclusive", &["0x5"]).await.expect(200);
}

#[tokio::test]
async fn what_was_changed_must_be_pulled_first() {
    let scene = Scene::new().await;
    let (ada, will) = (&scene.stage.ada, scene.writer("Will").await);
    let (first, second) =
        (ada.new_briefcase(&scene.path).await, will.new_briefcase(&scene.path).await);
    lock(ada, &scene, first, "exclusive", &["0x5"]).await.expect(200);
    lock(ada, &scene, first, "shared", &["0x6"]).await.expect(200);
    ada.push(&scene.path, first, 1).await;
    lock_at(ada, &scene, first, Some(1), "none", &["0x5", "0x6"]).await.expect(200);
    let error = lock(&will, &scene, second, "exclusive", &["0x5", "0x6"]).await;
    assert_eq!(error.json()["error"]["objectIds"], json!(["0x5"]));
    error.refused(409, "NewerChangesExist");
    let error = lock_at(&will, &scene, second, Some(9), "shared", &["0x5"]).await;
    error.refused(404, "ChangesetNotFound");
    lock_at(&will, &scene, second, Some(1), "exclusive", &["0x5"]).await.expect(200);

    let released = async |after: &str| {
        let path = scene.at(&format!("locks/released-locks{after}"));
        will.get(&path).await
    };
    let found = released("?afterChangesetIndex=0").await.expect(200).json();
    assert_eq!(
        found["releasedLocks"],
        json!([
            {"lockLevel": "shared", "objectIds": ["0x6"]},
            {"lockLevel": "exclusive", "objectIds": ["0x5"]},
        ])
    );
    let found = released("?afterChangesetIndex=1").await.expect(200).json();
    assert_eq!((&found["releasedLocks"], &found["_links"]["next"]), (&json!([]), &Value::Null));
    released("").await.refused_for(INVALID, "MissingRequiredParameter", "afterChangesetIndex");
}

#[tokio::test]
async fn a_request_has_at_most_a_thousand_elements() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let ids: Vec<String> = (1..=1001).map(|number| format!("{number:#x}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let answer = lock(ada, &scene, briefcase, "shared", &ids).await;
    answer.refused_for(INVALID, "InvalidValue", "lockedObjects");
    lock(ada, &scene, briefcase, "shared", &ids[..1000]).await.expect(200);
    lock(ada, &scene, briefcase, "shared", &ids[1000..]).await.expect(200);
    let path = scene.at("locks/release-chunk");
    let body = json!({"briefcaseId": briefcase});
    for is_last in [false, true, true] {
        let released = ada.post(&path, &body).await.expect(200).json();
        assert_eq!(released, json!({"isLastChunk": is_last}));
    }
    ada.post(&path, &json!({"briefcaseId": 77})).await.refused(404, "BriefcaseNotFound");
    let answer = ada.post(&path, &json!({})).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "briefcaseId");
}

#[tokio::test]
async fn what_is_told_of_locks_is_looked_over() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let answer = lock(ada, &scene, briefcase, "shared", &["1"]).await;
    answer.refused_for(INVALID, "InvalidValue", "lockedObjects[0].objectIds");
    let answer = lock(ada, &scene, briefcase, "shared", &[]).await;
    answer.refused_for(INVALID, "InvalidValue", "lockedObjects[0].objectIds");
    let answer = lock(ada, &scene, briefcase, "half", &["0x1"]).await;
    answer.refused_for(INVALID, "InvalidValue", "lockedObjects[0].lockLevel");
    lock(ada, &scene, 0, "shared", &["0x1"]).await.refused(404, "BriefcaseNotFound");
    let answer = ada.patch(&scene.at("locks"), &json!({"briefcaseId": briefcase})).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "lockedObjects");
    let answer = ada.get(&scene.at("locks?lockLevel=half")).await;
    answer.refused_for(INVALID, "InvalidValue", "lockLevel");
    let vera = scene.viewer("Vera").await;
    let number = vera.new_briefcase(&scene.path).await;
    let answer = lock(&vera, &scene, number, "shared", &["0x1"]).await;
    answer.refused(403, "InsufficientPermissions");
}
