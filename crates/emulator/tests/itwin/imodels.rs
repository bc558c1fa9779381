//! iModels: making empty ones, reading, changing and deleting them.

use serde_json::{Value, json};

use crate::{
    imodels_support::Scene,
    support::{MISSING, Stage},
};

#[tokio::test]
async fn an_empty_imodel_is_usable_at_once() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("Bridge").await;
    let extent = json!({
        "southWest": {"latitude": 46.1, "longitude": 7.8},
        "northEast": {"latitude": 46.3, "longitude": 8.7},
    });
    let body = json!({
        "iTwinId": itwin, "name": "Sun City", "description": "Overall model", "extent": extent,
        "containersEnabled": 3,
    });
    let made = stage.ada.post("/imodels", &body).await.expect(201).json();
    let imodel = &made["iModel"];
    assert_eq!(imodel["name"], "Sun City");
    assert_eq!(imodel["displayName"], "Sun City");
    assert_eq!(imodel["description"], "Overall model");
    assert_eq!(imodel["state"], "initialized");
    assert_eq!(imodel["iTwinId"], itwin);
    assert_eq!(imodel["dataCenterLocation"], "East US");
    assert_eq!(imodel["extent"], extent);
    assert_eq!(imodel["containersEnabled"], 3);
    assert_eq!(imodel["lastChangesetPushDateTime"], Value::Null);
    assert!(imodel["_links"].get("upload").is_none());
    let id = imodel["id"].as_str().unwrap();
    let shown = stage.ada.get(&format!("/IModels/{}", id.to_uppercase())).await.expect(200);
    assert_eq!(shown.json(), made);
    let creator = imodel["_links"]["creator"]["href"].as_str().unwrap();
    let creator = stage.ada.get(creator).await.expect(200).json();
    assert_eq!(creator["user"]["id"], stage.ada.id);
    for link in ["namedVersions", "changesets"] {
        stage.ada.get(imodel["_links"][link]["href"].as_str().unwrap()).await.expect(200);
    }
    let operation = format!("/imodels/{id}/operations/create");
    let operation = stage.ada.get(&operation).await.expect(200).json();
    assert_eq!(
        operation["createOperation"],
        json!({"state": "successful", "clonedFrom": null, "forkedFrom": null})
    );
}

#[tokio::test]
async fn bodies_are_looked_over() {
    let Scene { stage, itwin, id, .. } = Scene::new().await;
    let create = async |more: Value| {
        let mut body = json!({"iTwinId": itwin, "name": "Other"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.ada.post("/imodels", &body).await
    };
    let invalid = "InvalidiModelsRequest";
    create(json!({"name": null})).await.refused_for(invalid, "MissingRequiredProperty", "name");
    create(json!({"name": "n".repeat(256)})).await.refused_for(invalid, "InvalidValue", "name");
    create(json!({"iTwinId": "x"})).await.refused_for(invalid, "InvalidValue", "iTwinId");
    let extent = json!({"extent": {"southWest": {"latitude": 91, "longitude": 0}}});
    let details = create(extent).await.refused(422, invalid);
    let told: Vec<&str> = details.iter().map(|(_, target)| target.as_str()).collect();
    assert_eq!(told, ["extent.southWest.latitude", "extent.northEast"]);
    create(json!({"creationMode": "magic"})).await.refused_for(
        invalid,
        "InvalidValue",
        "creationMode",
    );
    create(json!({"geographicCoordinateSystem": {"horizontalCRSId": "EPSG:3857"}}))
        .await
        .refused_for(invalid, "InvalidValue", "geographicCoordinateSystem");
    create(json!({"creationMode": "fromBaseline"})).await.refused_for(
        invalid,
        "MissingRequiredProperty",
        "baselineFile",
    );
    create(json!({"template": {"iModelId": id}, "baselineFile": {"size": 1}})).await.refused_for(
        invalid,
        "MutuallyExclusivePropertiesProvided",
        "template",
    );
    create(json!({"creationMode": "empty", "baselineFile": {"size": 1}})).await.refused_for(
        invalid,
        "MutuallyExclusivePropertiesProvided",
        "baselineFile",
    );
    create(json!({"creationMode": "fromiModelVersion", "template": {"iModelId": MISSING}}))
        .await
        .refused_for(invalid, "InvalidValue", "template.iModelId");
    create(json!({"name": "Model"})).await.refused_as_taken("iModelExists", "name");
    create(json!({"iTwinId": MISSING})).await.refused(404, "iTwinNotFound");
    let details = stage.ada.mark("/imodels").await.refused(422, invalid);
    assert_eq!(details[0].0, "MissingRequestBody");
    create(json!({
        "creationMode": "empty", "geographicCoordinateSystem": {"horizontalCRSId": "EPSG:3857"},
    }))
    .await
    .expect(201);
}

#[tokio::test]
async fn an_imodel_is_changed_and_deleted() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    ada.new_imodel(&scene.itwin, "Other").await;
    let changed = ada.patch(&scene.path, &json!({"name": "New"})).await.expect(200).json();
    assert_eq!(changed["iModel"]["displayName"], "New");
    let body = json!({"description": "Text", "extent": null, "name": "New"});
    let changed = ada.patch(&scene.path, &body).await.expect(200).json();
    assert_eq!(changed["iModel"]["description"], "Text");
    assert_eq!(ada.get(&scene.path).await.expect(200).json(), changed);
    let answer = ada.patch(&scene.path, &json!({"name": "Other"})).await;
    answer.refused_as_taken("iModelExists", "name");
    let details =
        ada.patch(&scene.path, &json!({"x": 1})).await.refused(422, "InvalidiModelsRequest");
    assert_eq!(details[0].0, "InvalidRequestBody");
    ada.delete(&scene.path).await.expect(204);
    ada.get(&scene.path).await.refused(404, "iModelNotFound");
    ada.delete(&scene.path).await.refused(404, "iModelNotFound");
    ada.patch(&scene.path, &json!({"name": "x"})).await.refused(404, "iModelNotFound");
}

#[tokio::test]
async fn the_imodels_of_an_itwin_go_with_it() {
    let scene = Scene::new().await;
    scene.stage.ada.delete(&format!("/itwins/{}", scene.itwin)).await.expect(204);
    scene.stage.ada.get(&scene.path).await.refused(404, "iModelNotFound");
}

#[tokio::test]
async fn other_versions_and_paths_are_not_there() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    ada.version(0).get(&scene.path).await.refused(404, "ResourceNotFound");
    ada.version(3).get(&scene.path).await.refused(404, "ResourceNotFound");
    ada.get(&scene.at("latest")).await.refused(404, "ResourceNotFound");
    ada.delete(&scene.at("changesets")).await.refused(404, "ResourceNotFound");
    ada.post(&scene.at("operations/create"), &json!({})).await.refused(404, "ResourceNotFound");
    ada.as_whom("").get(&scene.path).await.refused(401, "HeaderNotFound");
    ada.as_whom("Basic x").get(&scene.at("users")).await.refused(401, "InvalidAuthorizationScheme");
}
