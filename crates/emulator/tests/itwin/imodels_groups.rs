//! Changeset groups.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id},
    support::{MISSING, each},
};

const INVALID: &str = "InvalidiModelsRequest";

#[tokio::test]
async fn changesets_join_a_group_until_it_is_completed() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let path = scene.at("changesetgroups");
    let made = ada.post(&path, &json!({"description": "Import"})).await.expect(201).json();
    let group = &made["changesetGroup"];
    assert_eq!((&group["state"], &group["creatorId"]), (&json!("inProgress"), &json!(ada.id)));
    let own = format!("{path}/{}", group["id"].as_str().unwrap());
    assert_eq!(ada.get(&own).await.expect(200).json(), made);
    let briefcase = ada.new_briefcase(&scene.path).await;
    let push = async |number: usize| {
        let body = json!({
            "id": changeset_id(number), "briefcaseId": briefcase, "fileSize": 4,
            "groupId": group["id"],
        });
        ada.post(&scene.at("changesets"), &body).await
    };
    let changeset = push(1).await.expect(201).json();
    assert_eq!(changeset["changeset"]["groupId"], group["id"]);
    let completed = ada.patch(&own, &json!({"state": "completed"})).await.expect(200).json();
    assert_eq!(completed["changesetGroup"]["state"], "completed");
    push(2).await.refused_for(INVALID, "InvalidValue", "groupId");
    let again = ada.patch(&own, &json!({"state": "completed"})).await;
    again.refused_for(INVALID, "InvalidChange", "state");
    let list = ada.get(&path).await.expect(200).json();
    assert_eq!(each(&list["changesetGroups"], "description"), ["Import"]);
    assert_eq!(list["_links"]["next"], Value::Null);
}

#[tokio::test]
async fn groups_are_refused_and_missing() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let path = scene.at("changesetgroups");
    let answer = ada.post(&path, &json!({})).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "description");
    let missing = format!("{path}/{MISSING}");
    ada.get(&missing).await.refused(404, "ChangesetGroupNotFound");
    let completed = json!({"state": "completed"});
    ada.patch(&missing, &completed).await.refused(404, "ChangesetGroupNotFound");
    let made = ada.post(&path, &json!({"description": ""})).await.expect(201).json();
    let own = format!("{path}/{}", made["changesetGroup"]["id"].as_str().unwrap());
    let answer = ada.patch(&own, &json!({"state": "timedOut"})).await;
    answer.refused_for(INVALID, "InvalidValue", "state");
    let vera = scene.viewer("Vera").await;
    vera.get(&own).await.expect(200);
    vera.patch(&own, &completed).await.refused(403, "InsufficientPermissions");
    vera.post(&path, &json!({"description": ""})).await.refused(403, "InsufficientPermissions");
}
