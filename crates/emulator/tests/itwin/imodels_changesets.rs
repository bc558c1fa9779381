//! Changesets: pushing, conflicts, reading by id and by index.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::{Emulator, itwin::Config};

use crate::{
    imodels_support::{Scene, changeset_id, fetch, put},
    support::{Stage, each},
};

const INVALID: &str = "InvalidiModelsRequest";

#[tokio::test]
async fn a_changeset_is_told_put_and_completed() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let begun = ada.begin_push(&scene.path, briefcase, 1).await;
    let id = changeset_id(1);
    assert_eq!((&begun["id"], &begun["index"]), (&json!(id), &json!(1)));
    assert_eq!((&begun["state"], &begun["parentId"]), (&json!("waitingForFile"), &json!("")));
    assert_eq!(begun["_links"]["download"], Value::Null);
    let path = scene.at(&format!("changesets/{id}"));
    assert!(begun["_links"]["complete"]["href"].as_str().unwrap().ends_with(&path));
    // It is there, and not in lists.
    let shown = ada.get(&scene.at("changesets/1")).await.expect(200).json();
    assert_eq!(shown["changeset"]["state"], "waitingForFile");
    let list = ada.get(&scene.at("changesets")).await.expect(200).json();
    assert_eq!(list["changesets"], json!([]));
    let complete = json!({"state": "fileUploaded", "briefcaseId": briefcase});
    ada.patch(&path, &complete).await.refused(404, "FileNotFound");
    // The token must not go to the storage.
    let upload = begun["_links"]["upload"]["href"].as_str().unwrap();
    let headers = [("x-ms-blob-type", "BlockBlob")];
    ada.send("PUT", upload, &headers, Some(b"data".to_vec())).await.expect(403);
    assert_eq!(put(&begun["_links"]["upload"], b"too long").await, 201);
    ada.patch(&path, &complete).await.refused_for(INVALID, "InvalidValue", "fileSize");
    assert_eq!(put(&begun["_links"]["upload"], b"data").await, 201);
    let other = json!({"state": "fileUploaded", "briefcaseId": 9});
    ada.patch(&path, &other).await.refused_for(INVALID, "InvalidValue", "briefcaseId");
    let other = json!({"state": "waitingForFile", "briefcaseId": briefcase});
    ada.patch(&path, &other).await.refused_for(INVALID, "InvalidValue", "state");
    scene.wait(60);
    let done = ada.patch(&path, &complete).await.expect(200).json()["changeset"].clone();
    assert_eq!((&done["state"], &done["index"]), (&json!("fileUploaded"), &json!(1)));
    assert!(done["pushDateTime"].as_str().unwrap() > begun["pushDateTime"].as_str().unwrap());
    assert!(done["_links"].get("upload").is_none());
    assert_eq!(fetch(&done["_links"]["download"]).await, b"data");
    ada.patch(&path, &complete).await.expect(200);
    let imodel = ada.get(&scene.path).await.expect(200).json();
    assert_eq!(imodel["iModel"]["lastChangesetPushDateTime"], done["pushDateTime"]);
    assert_eq!(ada.get(&path).await.expect(200).json()["changeset"]["id"], json!(id));
}

#[tokio::test]
async fn changesets_are_found_by_id_and_by_index() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    for number in 1..=12 {
        ada.push(&scene.path, briefcase, number).await;
    }
    for word in [changeset_id(10), changeset_id(10).to_uppercase(), "10".to_owned()] {
        let found = ada.get(&scene.at(&format!("changesets/{word}"))).await.expect(200).json();
        assert_eq!(found["changeset"]["index"], 10);
        assert_eq!(found["changeset"]["parentId"], changeset_id(9));
    }
    for word in ["0", "13", "latest", &changeset_id(13), "-1", ""] {
        let answer = ada.get(&scene.at(&format!("changesets/{word}"))).await;
        if word.is_empty() {
            answer.expect(200);
        } else {
            answer.refused(404, "ChangesetNotFound");
        }
    }
    let list = async |query: &str| {
        let path = scene.at(&format!("changesets?{query}"));
        let list = ada.get(&path).await.expect(200).json();
        each(&list["changesets"], "displayName")
    };
    assert_eq!(list("$orderBy=index%20desc&$top=1").await, ["12"]);
    assert_eq!(list("afterIndex=3&lastIndex=5").await, ["4", "5"]);
    assert_eq!(list("afterIndex=12").await, [""; 0]);
    let minimal = ada.get(&scene.at("changesets?$top=1")).await.expect(200).json();
    let links = minimal["changesets"][0]["_links"].as_object().unwrap();
    assert_eq!(links.keys().collect::<Vec<_>>(), ["self", "creator"]);
    let full = ada.get_all_of(&scene.at("changesets?$top=1")).await.expect(200).json();
    let changeset = &full["changesets"][0];
    assert_eq!(fetch(&changeset["_links"]["download"]).await, b"data");
    assert_eq!(changeset["synchronizationInfo"], Value::Null);
    let answer = ada.get(&scene.at("changesets?afterIndex=x")).await;
    answer.refused_for(INVALID, "InvalidValue", "afterIndex");
    let viewer = scene.viewer("Vera").await;
    viewer.get(&scene.at("changesets/1")).await.expect(200);
}

#[tokio::test]
async fn who_is_behind_must_pull_first() {
    let config = Config { signed_url: Duration::from_secs(60), ..Config::default() };
    let stage = Stage::with(Emulator::builder().itwin(config)).await;
    let scene = Scene::on(stage).await;
    let (ada, will) = (&scene.stage.ada, scene.writer("Will").await);
    let (first, second) =
        (ada.new_briefcase(&scene.path).await, will.new_briefcase(&scene.path).await);
    let path = scene.at("changesets");
    let body = |briefcase: u32, number: usize, parent: Option<String>| {
        json!({
            "id": changeset_id(number), "parentId": parent, "briefcaseId": briefcase,
            "fileSize": 4,
        })
    };
    // While one pushes, others wait, until the address for the file expires.
    ada.begin_push(&scene.path, first, 1).await;
    let answer = will.post(&path, &body(second, 2, None)).await;
    answer.refused(409, "AnotherUserPushing");
    ada.post(&path, &body(first, 1, None)).await.expect(201);
    scene.wait(61);
    let begun = will.post(&path, &body(second, 1, None)).await.expect(201).json();
    assert_eq!(put(&begun["changeset"]["_links"]["upload"], b"data").await, 201);
    let complete = json!({"state": "fileUploaded", "briefcaseId": second});
    will.patch(&format!("{path}/1"), &complete).await.expect(200);

    let error = ada.post(&path, &body(first, 2, None)).await;
    assert_eq!(error.json()["error"]["objectIds"], json!([]));
    error.refused(409, "NewerChangesExist");
    ada.post(&path, &body(first, 1, None)).await.refused(409, "ChangesetExists");
    let unknown = ada.post(&path, &body(first, 2, Some(changeset_id(9)))).await;
    unknown.refused_for(INVALID, "InvalidValue", "parentId");
    ada.post(&path, &body(7, 2, Some(changeset_id(1)))).await.refused(404, "BriefcaseNotFound");
    // Another's briefcase is not pushed from.
    let answer = will.post(&path, &body(first, 2, Some(changeset_id(1)))).await;
    answer.refused(403, "InsufficientPermissions");
    let viewer = scene.viewer("Vera").await;
    viewer.post(&path, &body(first, 2, None)).await.refused(403, "InsufficientPermissions");
    ada.post(&path, &body(first, 2, Some(changeset_id(1)))).await.expect(201);
}

#[tokio::test]
async fn elements_that_were_let_go_since_are_told() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let locks = async |level: &str, changeset: Value| {
        let body = json!({
            "briefcaseId": briefcase, "changesetId": changeset,
            "lockedObjects": [{"lockLevel": level, "objectIds": ["0x7"]}],
        });
        ada.patch(&scene.at("locks"), &body).await.expect(200)
    };
    locks("exclusive", Value::Null).await;
    ada.push(&scene.path, briefcase, 1).await;
    locks("none", changeset_id(1).into()).await;
    let body = json!({"id": changeset_id(2), "briefcaseId": briefcase, "fileSize": 4});
    let error = ada.post(&scene.at("changesets"), &body).await;
    assert_eq!(error.json()["error"]["objectIds"], json!(["0x7"]));
    error.refused(409, "NewerChangesExist");
}

#[tokio::test]
async fn what_is_told_of_a_changeset_is_looked_over() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let push = async |more: Value| {
        let mut body = json!({"id": changeset_id(1), "briefcaseId": briefcase, "fileSize": 4});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ada.post(&scene.at("changesets"), &body).await
    };
    let missing = "MissingRequiredProperty";
    push(json!({"id": null})).await.refused_for(INVALID, missing, "id");
    push(json!({"briefcaseId": null})).await.refused_for(INVALID, missing, "briefcaseId");
    push(json!({"fileSize": null})).await.refused_for(INVALID, missing, "fileSize");
    for (member, value) in [
        ("id", json!("xyz")),
        ("parentId", json!("xyz")),
        ("fileSize", json!(0)),
        ("containingChanges", json!(128)),
        ("groupId", json!("x")),
        ("groupId", json!("00000000-0000-4000-8000-000000000000")),
    ] {
        let answer = push(json!({member: value})).await;
        answer.refused_for(INVALID, "InvalidValue", member);
    }
    let answer = push(json!({"synchronizationInfo": {}})).await;
    answer.refused_for(INVALID, missing, "synchronizationInfo.taskId");
    let info = json!({"taskId": "t", "changedFiles": ["a.dgn"]});
    let made = push(json!({"synchronizationInfo": info})).await.expect(201).json();
    assert_eq!(made["changeset"]["synchronizationInfo"], info);
}
