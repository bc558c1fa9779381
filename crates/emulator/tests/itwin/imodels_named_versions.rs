//! Named versions.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id},
    support::{MISSING, each},
};

const INVALID: &str = "InvalidiModelsRequest";

#[tokio::test]
async fn changesets_and_the_baseline_get_names() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    ada.push(&scene.path, briefcase, 1).await;
    ada.push(&scene.path, briefcase, 2).await;
    let path = scene.at("namedversions");
    let name = async |body: Value| ada.post(&path, &body).await;
    let body = json!({"name": "Two", "description": "d", "changesetId": changeset_id(2)});
    let made = name(body).await.expect(201).json();
    let version = &made["namedVersion"];
    assert_eq!((&version["name"], &version["displayName"]), (&json!("Two"), &json!("Two")));
    assert_eq!((&version["changesetIndex"], &version["state"]), (&json!(2), &json!("visible")));
    let own = format!("{path}/{}", version["id"].as_str().unwrap());
    assert_eq!(ada.get(&own).await.expect(200).json(), made);
    let linked = version["_links"]["changeset"]["href"].as_str().unwrap();
    let changeset = ada.get(linked).await.expect(200).json();
    let back = changeset["changeset"]["_links"]["namedVersion"]["href"].as_str().unwrap();
    assert_eq!(ada.get(back).await.expect(200).json(), made);
    let baseline = name(json!({"name": "Zero"})).await.expect(201).json();
    assert_eq!(baseline["namedVersion"]["changesetId"], Value::Null);
    assert_eq!(baseline["namedVersion"]["changesetIndex"], 0);
    name(json!({"name": "Two", "changesetId": changeset_id(1)}))
        .await
        .refused_as_taken("NamedVersionExists", "name");
    let again = json!({"name": "Again", "changesetId": changeset_id(2)});
    name(again).await.refused(409, "NamedVersionOnChangesetExists");
    let unknown = json!({"name": "Other", "changesetId": changeset_id(9)});
    name(unknown).await.refused(404, "ChangesetNotFound");
    name(json!({})).await.refused_for(INVALID, "MissingRequiredProperty", "name");
}

#[tokio::test]
async fn versions_are_changed_hidden_and_listed() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    let path = scene.at("namedversions");
    let mut paths = Vec::new();
    for (number, name) in [(1, "b one"), (2, "a two")] {
        ada.push(&scene.path, briefcase, number).await;
        let body = json!({"name": name, "changesetId": changeset_id(number)});
        let made = ada.post(&path, &body).await.expect(201).json();
        paths.push(format!("{path}/{}", made["namedVersion"]["id"].as_str().unwrap()));
        scene.wait(1);
    }
    let hidden = json!({"state": "hidden", "description": "old"});
    let changed = ada.patch(&paths[0], &hidden).await.expect(200).json();
    assert_eq!(changed["namedVersion"]["state"], "hidden");
    assert_eq!(changed["namedVersion"]["description"], "old");
    let names = async |query: &str| {
        let list = ada.get(&format!("{path}?{query}")).await.expect(200).json();
        each(&list["namedVersions"], "displayName")
    };
    assert_eq!(names("$orderBy=changesetIndex%20desc").await, ["a two", "b one"]);
    assert_eq!(names("$orderBy=createdDateTime").await, ["b one", "a two"]);
    assert_eq!(names("state=hidden").await, ["b one"]);
    assert_eq!(names("state=visible").await, ["a two"]);
    assert_eq!(names("$search=TWO").await, ["a two"]);
    assert_eq!(names("name=b%20one").await, ["b one"]);
    let minimal = ada.get(&format!("{path}?$top=1")).await.expect(200).json();
    let keys: Vec<&String> = minimal["namedVersions"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "displayName", "changesetId", "changesetIndex"]);
    let full = ada.get_all_of(&path).await.expect(200).json();
    assert_eq!(each(&full["namedVersions"], "state"), ["hidden", "visible"]);

    let taken = ada.patch(&paths[1], &json!({"name": "b one"})).await;
    taken.refused_as_taken("NamedVersionExists", "name");
    let details = ada.patch(&paths[1], &json!({})).await.refused(422, INVALID);
    assert_eq!(details[0].0, "InvalidRequestBody");
    let answer = ada.patch(&paths[1], &json!({"state": "gone"})).await;
    answer.refused_for(INVALID, "InvalidValue", "state");
    ada.delete(&paths[0]).await.refused(404, "ResourceNotFound");
    let missing = format!("{path}/{MISSING}");
    ada.get(&missing).await.refused(404, "NamedVersionNotFound");
    ada.patch(&missing, &hidden).await.refused(404, "NamedVersionNotFound");
    let vera = scene.viewer("Vera").await;
    vera.patch(&paths[0], &hidden).await.refused(403, "InsufficientPermissions");
    vera.post(&path, &json!({"name": "x"})).await.refused(403, "InsufficientPermissions");
}
