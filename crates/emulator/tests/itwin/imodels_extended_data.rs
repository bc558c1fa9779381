//! Extended data of changesets.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::imodels_support::{Scene, changeset_id};

const INVALID: &str = "InvalidiModelsRequest";

#[tokio::test]
async fn extended_data_are_given_once() {
    let scene = Scene::new().await;
    let (ada, will) = (&scene.stage.ada, scene.writer("Will").await);
    let briefcase = will.new_briefcase(&scene.path).await;
    for number in 1..=3 {
        will.push(&scene.path, briefcase, number).await;
    }
    let path = scene.at("changesets/2/extendeddata");
    will.get(&path).await.refused(404, "ChangesetExtendedDataNotFound");
    let data = STANDARD.encode(r#"{"key": "value"}"#);
    let body = json!({"data": data});
    ada.post(&path, &body).await.refused(403, "InsufficientPermissions");
    let made = will.post(&path, &body).await.expect(201).json();
    let shown = json!({"changesetId": changeset_id(2), "changesetIndex": 2, "data": data});
    assert_eq!(made["extendedData"], shown);
    assert_eq!(ada.get(&path).await.expect(200).json(), made);
    will.post(&path, &body).await.refused(409, "DataConflict");
    let list = ada.get(&scene.at("changesets/extendeddata")).await.expect(200).json();
    assert_eq!(list["extendedData"], json!([shown]));
    assert!(list["_links"]["next"].is_null());
    let missing = scene.at("changesets/9/extendeddata");
    will.get(&missing).await.refused(404, "ChangesetNotFound");
    will.post(&missing, &body).await.refused(404, "ChangesetNotFound");
}

#[tokio::test]
async fn extended_data_are_an_object_of_so_many_bytes() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    ada.push(&scene.path, briefcase, 1).await;
    let path = scene.at("changesets/1/extendeddata");
    let post = async |data: String| ada.post(&path, &json!({"data": data})).await;
    post("%%%".to_owned()).await.refused_for(INVALID, "InvalidValue", "data");
    post(STANDARD.encode("[1]")).await.refused_for(INVALID, "InvalidValue", "data");
    let answer = ada.post(&path, &json!({})).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "data");
    let object =
        |length: usize| STANDARD.encode(format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8)));
    post(object(204_801)).await.refused(413, "RequestTooLarge");
    post(object(204_800)).await.expect(201);
}
