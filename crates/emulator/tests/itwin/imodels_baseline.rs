//! iModels from a baseline file: making, putting the file, completing, waiting.

use serde_json::{Value, json};
use twinkit_emulator::itwin::ImodelOutcome;

use crate::{
    imodels_support::{Scene, fetch, put},
    support::Answer,
};

const CONTENT: &[u8] = b"SQLite format 3\0 and more";

async fn create(scene: &Scene, name: &str) -> Value {
    let body = json!({
        "iTwinId": scene.itwin, "name": name, "creationMode": "fromBaseline",
        "baselineFile": {"size": CONTENT.len()},
    });
    scene.stage.ada.post("/imodels", &body).await.expect(201).json()["iModel"].clone()
}

/// State of the iModel, of its making and of its file.
async fn states(scene: &Scene, id: &str) -> [String; 3] {
    let get = async |rest: &str| {
        scene.stage.ada.get(&format!("/imodels/{id}{rest}")).await.expect(200).json()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    [
        text(&get("").await["iModel"]["state"]),
        text(&get("/operations/create").await["createOperation"]["state"]),
        text(&get("/baselinefile").await["baselineFile"]["state"]),
    ]
}

async fn complete(scene: &Scene, imodel: &Value) -> Answer {
    scene.stage.ada.mark(imodel["_links"]["complete"]["href"].as_str().unwrap()).await
}

#[tokio::test]
async fn the_file_is_put_completed_and_taken_in() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let imodel = create(&scene, "From a file").await;
    let id = imodel["id"].as_str().unwrap();
    let path = format!("/imodels/{id}");
    let waiting = ["notInitialized", "waitingForFile", "waitingForFile"];
    assert_eq!(states(&scene, id).await, waiting);
    assert_eq!(imodel["_links"]["upload"]["storageType"], "azure");
    complete(&scene, &imodel).await.refused_for(
        "InvalidiModelsRequest",
        "InvalidChange",
        "baselineFile",
    );
    // The token must not go there.
    let upload = imodel["_links"]["upload"]["href"].as_str().unwrap();
    let blob = [("x-ms-blob-type", "BlockBlob")];
    ada.send("PUT", upload, &blob, Some(CONTENT.to_vec())).await.expect(403);
    assert_eq!(put(&imodel["_links"]["upload"], b"short").await, 201);
    let size = complete(&scene, &imodel).await;
    size.refused_for("InvalidiModelsRequest", "InvalidValue", "baselineFile.size");
    assert_eq!(put(&imodel["_links"]["upload"], CONTENT).await, 201);
    assert_eq!(complete(&scene, &imodel).await.expect(200).text, "");
    let scheduled = ["notInitialized", "scheduled", "initializationScheduled"];
    assert_eq!(states(&scene, id).await, scheduled);
    let answer = ada.post(&format!("{path}/briefcases"), &json!({})).await;
    answer.refused_for("InvalidiModelsRequest", "InvalidChange", "state");
    // The iModel may be initialized before all is done.
    scene.wait(1);
    assert_eq!(states(&scene, id).await, ["initialized", "scheduled", "initialized"]);
    scene.wait(1);
    assert_eq!(states(&scene, id).await, ["initialized", "successful", "initialized"]);
    complete(&scene, &imodel).await.expect(200);
    let file = ada.get(&format!("{path}/baselinefile")).await.expect(200).json();
    assert_eq!(file["baselineFile"]["fileSize"], CONTENT.len());
    assert_eq!(fetch(&file["baselineFile"]["_links"]["download"]).await, CONTENT);
    let shown = ada.get(&path).await.expect(200).json();
    assert!(shown["iModel"]["_links"].get("upload").is_none());
}

#[tokio::test]
async fn taking_a_file_in_can_be_made_to_fail() {
    let scene = Scene::new().await;
    let imodel = create(&scene, "A").await;
    let id = imodel["id"].as_str().unwrap();
    put(&imodel["_links"]["upload"], CONTENT).await;
    scene.stage.emulator.itwin().set_imodel_outcome(ImodelOutcome::Failed);
    complete(&scene, &imodel).await.expect(200);
    scene.wait(2);
    assert_eq!(states(&scene, id).await, ["notInitialized", "failed", "initializationFailed"]);
    let url = format!("{}/itwin/imodels", scene.stage.emulator.control_url());
    let answer = scene.stage.ada.post(&url, &json!({"outcome": "successful"})).await;
    answer.expect(204);
    scene.stage.ada.post(&url, &json!({"outcome": "other"})).await.expect(400);
}

#[tokio::test]
async fn an_empty_imodel_has_no_file() {
    let scene = Scene::new().await;
    let path = scene.at("baselinefile");
    scene.stage.ada.get(&path).await.refused(404, "BaselineFileNotFound");
    scene.stage.ada.mark(&path).await.refused(404, "BaselineFileNotFound");
    let viewer = scene.viewer("Vera").await;
    viewer.get(&path).await.refused(403, "InsufficientPermissions");
    scene.writer("Will").await.mark(&path).await.refused(403, "InsufficientPermissions");
}
