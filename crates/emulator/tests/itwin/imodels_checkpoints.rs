//! Checkpoints, by changeset, by named version, for new briefcases.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id, fetch},
    support::{MISSING, client},
};

/// An iModel with two changesets, the second of which has a name; and the version.
async fn scene() -> (Scene, String) {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    ada.push(&scene.path, briefcase, 1).await;
    ada.push(&scene.path, briefcase, 2).await;
    let body = json!({"name": "Second", "changesetId": changeset_id(2)});
    let made = ada.post(&scene.at("namedversions"), &body).await.expect(201).json();
    let version = made["namedVersion"]["id"].as_str().unwrap().to_owned();
    (scene, version)
}

#[tokio::test]
async fn a_checkpoint_is_made_when_a_version_is_named() {
    let (scene, version) = scene().await;
    let ada = &scene.stage.ada;
    let get =
        async |rest: &str| ada.get(&scene.at(rest)).await.expect(200).json()["checkpoint"].clone();
    let of_version = format!("namedversions/{version}/checkpoint");
    let scheduled = get(&of_version).await;
    assert_eq!(
        (&scheduled["state"], &scheduled["changesetIndex"]),
        (&json!("scheduled"), &json!(2))
    );
    assert_eq!(scheduled["directoryAccessInfo"], Value::Null);
    assert_eq!(scheduled["_links"]["download"], Value::Null);
    // What is ready is the one before.
    for rest in ["changesets/2/checkpoint", "briefcases/checkpoint"] {
        let before = get(rest).await;
        assert_eq!((&before["changesetIndex"], &before["changesetId"]), (&json!(0), &json!("")));
    }
    scene.wait(1);
    let ready = get(&of_version).await;
    assert_eq!(
        (&ready["state"], &ready["changesetId"]),
        (&json!("successful"), &json!(changeset_id(2)))
    );
    assert_eq!(get("briefcases/checkpoint").await["changesetIndex"], 2);
    assert_eq!(get("changesets/1/checkpoint").await["changesetIndex"], 0);
    assert_eq!(get("changesets/0/checkpoint").await["changesetIndex"], 0);
    let by_id = get(&format!("changesets/{}/checkpoint", changeset_id(2))).await;
    assert_eq!(by_id["changesetIndex"], 2);
    let content = fetch(&ready["_links"]["download"]).await;
    assert_eq!(ready["size"], content.len());
    let access = &ready["directoryAccessInfo"];
    let text = |name: &str| access[name].as_str().unwrap();
    let url = format!(
        "{}/{}/{}?{}",
        text("baseUrl"),
        text("baseDirectory"),
        ready["dbName"].as_str().unwrap(),
        access["azure"]["sasToken"].as_str().unwrap()
    );
    let read = client().get(url).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), content);
    let changeset = ada.get(&scene.at("changesets/2")).await.expect(200).json();
    let link = changeset["changeset"]["_links"]["currentOrPrecedingCheckpoint"]["href"].clone();
    ada.get(link.as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_checkpoint_is_made_anew() {
    let (scene, version) = scene().await;
    scene.wait(1);
    let path = scene.at(&format!("namedversions/{version}/checkpoint"));
    let put = scene.stage.ada.send("PUT", &path, &[], None).await.expect(200).json();
    assert_eq!(put["checkpoint"]["state"], "scheduled");
    scene.wait(1);
    let shown = scene.stage.ada.get(&path).await.expect(200).json();
    assert_eq!(shown["checkpoint"]["state"], "successful");
    let vera = scene.viewer("Vera").await;
    vera.get(&path).await.refused(403, "InsufficientPermissions");
    let reader = scene.stage.member(&scene.itwin, "Rita", &["imodels_read"]).await;
    reader.get(&path).await.expect(200);
    reader.send("PUT", &path, &[], None).await.refused(403, "InsufficientPermissions");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let (scene, _) = scene().await;
    let ada = &scene.stage.ada;
    let get = async |path: &str| ada.get(path).await;
    get(&scene.at("changesets/9/checkpoint")).await.refused(404, "ChangesetNotFound");
    let path = scene.at(&format!("namedversions/{MISSING}/checkpoint"));
    get(&path).await.refused(404, "NamedVersionNotFound");
    ada.send("PUT", &path, &[], None).await.refused(404, "NamedVersionNotFound");
    let path = format!("/imodels/{MISSING}/changesets/1/checkpoint");
    get(&path).await.refused(404, "iModelNotFound");
    let body = json!({"iTwinId": scene.itwin, "name": "B", "baselineFile": {"size": 3}});
    let waiting = ada.post("/imodels", &body).await.expect(201).json();
    let path = format!("/imodels/{}", waiting["iModel"]["id"].as_str().unwrap());
    get(&format!("{path}/briefcases/checkpoint")).await.refused(404, "CheckpointNotFound");
    get(&format!("{path}/changesets/0/checkpoint")).await.refused(404, "CheckpointNotFound");
}
