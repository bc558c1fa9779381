//! Copies of iModels: from a template, clones, forks.

use serde_json::{Value, json};
use twinkit_emulator::itwin::ImodelOutcome;

use crate::{
    imodels_support::{Scene, changeset_id, fetch},
    support::{Answer, MISSING, each},
};

/// An iModel with three changesets.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    for number in 1..=3 {
        ada.push(&scene.path, briefcase, number).await;
    }
    scene
}

async fn copy(scene: &Scene, how: &str, more: Value) -> Answer {
    let mut body = json!({"iTwinId": scene.itwin, "name": format!("A {how}")});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    scene.stage.ada.post(&scene.at(how), &body).await
}

fn header(answer: &Answer, name: &str) -> String {
    answer.headers[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_clone_leaves_the_history_behind() {
    let scene = scene().await;
    let ada = &scene.stage.ada;
    let answer = copy(&scene, "clone", json!({"changesetIndex": 2})).await.expect(202);
    assert_eq!(answer.text, "");
    let (location, operation) =
        (header(&answer, "location"), header(&answer, "create-imodel-operation"));
    assert_eq!(operation, format!("{location}/operations/create"));
    let imodel = ada.get(&location).await.expect(200).json();
    assert_eq!(imodel["iModel"]["state"], "notInitialized");
    assert_eq!(imodel["iModel"]["name"], "A clone");
    let state = ada.get(&operation).await.expect(200).json();
    assert_eq!(state["createOperation"]["state"], "scheduled");
    scene.wait(2);
    let state = ada.get(&operation).await.expect(200).json();
    let from = json!({"iModelId": scene.id, "changesetId": changeset_id(2)});
    assert_eq!(
        state["createOperation"],
        json!({"state": "successful", "clonedFrom": from, "forkedFrom": null})
    );
    let changesets = ada.get(&format!("{location}/changesets")).await.expect(200).json();
    assert_eq!(changesets["changesets"], json!([]));
}

#[tokio::test]
async fn a_fork_may_keep_the_history() {
    let scene = scene().await;
    let ada = &scene.stage.ada;
    let more = json!({"changesetId": changeset_id(2), "preserveHistory": true});
    let answer = copy(&scene, "fork", more).await.expect(202);
    let location = header(&answer, "location");
    scene.wait(2);
    let changesets = ada.get_all_of(&format!("{location}/changesets")).await.expect(200).json();
    assert_eq!(each(&changesets["changesets"], "id"), [changeset_id(1), changeset_id(2)]);
    assert_eq!(fetch(&changesets["changesets"][1]["_links"]["download"]).await, b"data");
    let state = ada.get(&format!("{location}/operations/create")).await.expect(200).json();
    let forked = &state["createOperation"]["forkedFrom"];
    assert_eq!(forked["iModelId"], scene.id);
    assert_eq!(forked["changesetId"], changeset_id(2));
    assert!(forked["relationshipId"].is_string());
    assert_eq!(state["createOperation"]["clonedFrom"], Value::Null);
}

#[tokio::test]
async fn a_fork_can_be_made_to_fail() {
    let scene = scene().await;
    let platform = scene.stage.emulator.itwin();
    platform.set_imodel_outcome(ImodelOutcome::MissingFederationGuids);
    let answers = [
        (copy(&scene, "fork", json!({})).await, "mainIModelIsMissingFederationGuids"),
        (copy(&scene, "clone", json!({})).await, "failed"),
    ];
    scene.wait(2);
    for (answer, expected) in answers {
        let operation = header(&answer.expect(202), "create-imodel-operation");
        let state = scene.stage.ada.get(&operation).await.expect(200).json();
        assert_eq!(state["createOperation"]["state"], expected);
    }
}

#[tokio::test]
async fn copies_are_refused_where_they_cannot_be_made() {
    let scene = scene().await;
    let ada = &scene.stage.ada;
    let invalid = "InvalidiModelsRequest";
    let both = json!({"changesetId": changeset_id(1), "changesetIndex": 1});
    copy(&scene, "clone", both).await.refused_for(
        invalid,
        "MutuallyExclusivePropertiesProvided",
        "changesetId",
    );
    copy(&scene, "clone", json!({"changesetIndex": 4})).await.refused_for(
        invalid,
        "InvalidValue",
        "changesetIndex",
    );
    copy(&scene, "fork", json!({"changesetId": changeset_id(9)})).await.refused_for(
        invalid,
        "InvalidValue",
        "changesetId",
    );
    copy(&scene, "clone", json!({"iTwinId": MISSING})).await.refused(404, "iTwinNotFound");
    copy(&scene, "clone", json!({"name": null})).await.refused(409, "iModelExists");
    let body = json!({"iTwinId": scene.itwin});
    ada.post(&format!("/imodels/{MISSING}/clone"), &body).await.refused(404, "iModelNotFound");
    let will = scene.writer("Will").await;
    will.post(&scene.at("fork"), &body).await.refused(403, "InsufficientPermissions");
    let far = json!({
        "class": "Thing", "subClass": "Asset", "displayName": "Far",
        "dataCenterLocation": "UK South",
    });
    let far = ada.post("/itwins", &far).await.expect(201).json()["iTwin"]["id"].clone();
    copy(&scene, "clone", json!({"iTwinId": far})).await.refused_for(
        invalid,
        "InvalidValue",
        "iTwinId",
    );
}

#[tokio::test]
async fn a_template_stands_for_a_new_imodel() {
    let scene = scene().await;
    let ada = &scene.stage.ada;
    let create = async |name: &str, template: Value| {
        let body = json!({
            "iTwinId": scene.itwin, "name": name, "creationMode": "fromiModelVersion",
            "template": template,
        });
        ada.post("/imodels", &body).await
    };
    let template = json!({"iModelId": scene.id, "changesetId": changeset_id(1)});
    let spelled_by_clients = json!({
        "iTwinId": scene.itwin, "name": "Likewise", "creationMode": "fromIModelVersion",
        "template": template,
    });
    ada.post("/imodels", &spelled_by_clients).await.expect(201);
    let made = create("Made", template).await.expect(201).json();
    assert_eq!(made["iModel"]["state"], "notInitialized");
    let again = create("Again", json!({"iModelId": made["iModel"]["id"]})).await;
    again.refused_for("InvalidiModelsRequest", "InvalidChange", "template.iModelId");
    scene.wait(1);
    let path = format!("/imodels/{}", made["iModel"]["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.expect(200).json()["iModel"]["state"], "initialized");
    let unknown = json!({"iModelId": scene.id, "changesetId": changeset_id(9)});
    let answer = create("Other", unknown).await;
    answer.refused_for("InvalidiModelsRequest", "InvalidValue", "template.changesetId");
}
