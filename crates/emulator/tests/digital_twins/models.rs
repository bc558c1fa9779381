//! Models over HTTP. What counts as a valid model is tested in `dtdl`.

use serde_json::{Value, json};

use crate::support::{Api, all_pages, models, room};

const ROOM: &str = "/models/dtmi%3Atest%3ARoom%3B1";
const SPACE: &str = "/models/dtmi%3Atest%3ASpace%3B1";
const FLOOR: &str = "/models/dtmi%3Atest%3AFloor%3B1";
const THERMOSTAT: &str = "/models/dtmi%3Atest%3AThermostat%3B1";

fn interface(name: &str) -> Value {
    json!({"@id": format!("dtmi:many:{name};1"), "@type": "Interface",
           "@context": "dtmi:dtdl:context;2"})
}

#[tokio::test]
async fn upload_answers_the_models_without_their_definitions() {
    let api = Api::new();
    let answer = api.post("/models", &Value::Array(models())).await.expect(201);
    let body = answer.json();
    let listed: Vec<&str> =
        body.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(
        listed,
        ["dtmi:test:Room;1", "dtmi:test:Space;1", "dtmi:test:Floor;1", "dtmi:test:Thermostat;1"]
    );
    let time = body[1]["uploadTime"].as_str().unwrap();
    assert!(time.len() == 33 && time.ends_with("+00:00"), "{time}");
    assert_eq!(
        body[1],
        json!({"displayName": {"en": "Space"}, "description": {}, "id": "dtmi:test:Space;1",
               "uploadTime": time, "decommissioned": false})
    );
    assert_eq!(body[2]["displayName"], json!({"en": "Floor", "de": "Etage"}));
    assert_eq!(body[2]["description"], json!({"en": "One level"}));
    assert_eq!(answer.header("etag"), None);
}

#[tokio::test]
async fn a_refused_upload_stores_nothing() {
    let api = Api::new();
    let send = |body: Value| {
        let api = &api;
        async move { api.post("/models", &body).await }
    };
    send(json!([])).await.refused(400, "InvalidArgument");
    send(json!({})).await.refused(400, "InvalidArgument");
    send(json!([[interface("A")]])).await.refused(400, "InvalidArgument");
    let many: Vec<Value> = (0..251).map(|n| interface(&format!("M{n}"))).collect();
    send(Value::Array(many)).await.refused(400, "LimitExceeded");
    let mut large = interface("Large");
    large["comment"] = "x".repeat(1024 * 1024).into();
    send(json!([large])).await.refused(400, "LimitExceeded");
    let mut later = interface("Later");
    later["@context"] = "dtmi:dtdl:context;4".into();
    send(json!([interface("A"), later])).await.refused(400, "ModelVersionNotSupported");
    let mut unnamed = interface("A");
    unnamed["@id"] = "dtmi:not an id".into();
    send(json!([unnamed])).await.refused(400, "InvalidArgument");
    let error = send(json!([interface("A"), models()[0]])).await.refused(400, "DTDLParserError");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("dtmi:test:Room;1 at extends: dtmi:test:Space;1"), "{message}");
    send(json!([interface("A")])).await.expect(201);
    let error =
        send(json!([interface("B"), interface("A")])).await.refused(409, "ModelAlreadyExists");
    assert!(error["error"]["message"].as_str().unwrap().contains("dtmi:many:A;1"));
    assert_eq!(api.instance.counts(), (1, 0, 0));
}

#[tokio::test]
async fn get_has_the_definition_only_if_asked_for() {
    let api = Api::with_models();
    assert_eq!(api.get(SPACE).await.expect(200).json().get("model"), None);
    let with = api.get(&format!("{SPACE}?includeModelDefinition=true")).await.expect(200).json();
    assert_eq!(with["model"], models()[1]);
    api.get("/models/dtmi%3Atest%3ANone%3B1").await.refused(404, "ModelNotFound");
    api.get("/models/none").await.refused(400, "InvalidArgument");
    api.get("/models/").await.refused(400, "MissingArgument");
    api.get(&format!("{SPACE}?includeModelDefinition=yes")).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn lists_go_on_by_absolute_links() {
    let api = Api::new();
    let many: Vec<Value> = (100..350).map(|n| interface(&format!("M{n}"))).collect();
    api.instance.create_models(&many).unwrap();
    let first = api.get("/models").await.expect(200).json();
    let link = first["nextLink"].as_str().unwrap();
    assert!(link.starts_with("http://adt.example:8443/Models?continuationToken="), "{link}");
    assert!(link.ends_with("&api-version=2023-10-31") && !link.contains("max-items"), "{link}");
    let sizes = |pages: Vec<Vec<Value>>| pages.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(all_pages(&api, "/models", &[]).await), [100, 100, 50]);
    let size = [("max-items-per-page", "60")];
    let pages = all_pages(&api, "/models?includeModelDefinition=true", &size).await;
    assert!(pages.iter().flatten().all(|model| model["model"]["@type"] == "Interface"));
    assert_eq!(sizes(pages), [60, 60, 60, 60, 10]);
    let large = [("max-items-per-page", "1000")];
    assert_eq!(sizes(all_pages(&api, "/models", &large).await), [100, 100, 50]);
    for bad in ["0", "-1", "x", "1.5"] {
        let headers = [("max-items-per-page", bad)];
        api.send("GET", "/models", &headers, None).await.refused(400, "InvalidArgument");
    }
    for bad in ["", "x", "AAAA"] {
        let path = format!("/models?continuationToken={bad}");
        api.get(&path).await.refused(400, "BadRequest");
    }
    // A token of another list is no token of this one.
    let query = link.split_once('?').unwrap().1;
    api.get(&format!("/eventroutes?{query}")).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn dependencies_are_followed_by_extends_and_component() {
    let api = Api::with_models();
    let ids = |body: Value| -> Vec<String> {
        let value = body["value"].as_array().unwrap();
        value.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    let room = api.get("/models?dependenciesFor=dtmi:test:Room;1").await.expect(200).json();
    assert_eq!(ids(room), ["dtmi:test:Room;1", "dtmi:test:Space;1", "dtmi:test:Thermostat;1"]);
    let both =
        "/models?dependenciesFor=dtmi%3Atest%3AFloor%3B1&dependenciesFor=dtmi:test:Thermostat;1";
    let pages = all_pages(&api, both, &[("max-items-per-page", "2")]).await;
    let listed: Vec<&Value> = pages.iter().flatten().map(|model| &model["id"]).collect();
    assert_eq!(listed, ["dtmi:test:Floor;1", "dtmi:test:Space;1", "dtmi:test:Thermostat;1"]);
    // As the vendor's client for Node has it.
    let commas = "/models?dependenciesFor=dtmi%3Atest%3AFloor%3B1,dtmi%3Atest%3AThermostat%3B1";
    let listed = ids(api.get(commas).await.expect(200).json());
    assert_eq!(listed, ["dtmi:test:Floor;1", "dtmi:test:Space;1", "dtmi:test:Thermostat;1"]);
    let one_is_unknown = "/models?dependenciesFor=dtmi:test:Floor;1,dtmi:test:None;1";
    api.get(one_is_unknown).await.refused(404, "ModelNotFound");
    api.get("/models?dependenciesFor=dtmi:test:None;1").await.refused(404, "ModelNotFound");
    let all = api.get("/models?dependenciesFor=&includeModelDefinition=").await.expect(200).json();
    assert_eq!(ids(all).len(), 4);
    api.get("/models?dependenciesFor=none").await.refused(400, "InvalidArgument");
    let many: String = (0..251).map(|n| format!("dependenciesFor=dtmi:a:B{n};1&")).collect();
    api.get(&format!("/models?{many}")).await.refused(400, "LimitExceeded");
}

#[tokio::test]
async fn decommissioning_needs_decommissioned_dependents() {
    let api = Api::with_models();
    let set = |value: bool| json!([{"op": "replace", "path": "/decommissioned", "value": value}]);
    api.patch(SPACE, &set(true)).await.refused(409, "ModelReferencesNotDecommissioned");
    api.patch(ROOM, &set(true)).await.empty();
    api.patch(FLOOR, &set(true)).await.empty();
    let answer = api.patch(SPACE, &set(true)).await.empty();
    assert_eq!(answer.header("etag"), None);
    api.patch(SPACE, &set(true)).await.empty();
    assert_eq!(api.get(SPACE).await.json()["decommissioned"], true);
    api.put("/digitaltwins/r", &room(json!({}))).await.refused(400, "ModelDecommissioned");
    api.patch(ROOM, &set(false)).await.empty();
    api.room("r").await;
    for bad in [
        json!([{"op": "add", "path": "/decommissioned", "value": true}]),
        json!([{"op": "replace", "path": "/decommissioned", "value": "true"}]),
        json!([{"op": "replace", "path": "/displayName", "value": {}}]),
        json!([{"op": "remove", "path": "/decommissioned"}]),
        json!({}),
    ] {
        api.patch(ROOM, &bad).await.refused(400, "JsonPatchInvalid");
    }
    api.patch("/models/dtmi%3Aa%3B1", &set(true)).await.refused(404, "ModelNotFound");
    api.patch("/models/a", &set(true)).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn twins_of_decommissioned_models_keep_working() {
    let api = Api::with_models();
    api.room("r").await;
    let set = json!([{"op": "replace", "path": "/decommissioned", "value": true}]);
    api.patch(ROOM, &set).await.empty();
    let add = json!([{"op": "add", "path": "/temp", "value": 20}]);
    api.patch("/digitaltwins/r", &add).await.empty();
    api.put("/digitaltwins/r", &room(json!({"temp": 21}))).await.expect(200);
}

#[tokio::test]
async fn deletion_is_refused_while_a_model_refers_to_it() {
    let api = Api::with_models();
    api.delete(SPACE).await.refused(409, "ModelReferencesNotDeleted");
    let error = api.delete(THERMOSTAT).await.refused(409, "ModelReferencesNotDeleted");
    assert!(error["error"]["message"].as_str().unwrap().contains("dtmi:test:Room;1"));
    // The target of a relationship does not count.
    api.delete(ROOM).await.empty();
    api.delete(ROOM).await.refused(404, "ModelNotFound");
    api.delete("/models/x").await.refused(400, "InvalidArgument");
    api.delete(THERMOSTAT).await.empty();
}

#[tokio::test]
async fn twins_of_a_deleted_model_stay_until_it_returns() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &crate::support::floor(json!({}))).await.expect(200);
    api.put("/digitaltwins/g", &crate::support::floor(json!({}))).await.expect(200);
    let near = json!({"$targetId": "f", "$relationshipName": "near"});
    api.put("/digitaltwins/g/relationships/1", &near).await.expect(200);
    let floor = models().remove(2);
    api.delete(FLOOR).await.empty();

    api.get("/digitaltwins/f").await.expect(200);
    let query = json!({"query": "SELECT * FROM DIGITALTWINS WHERE $dtId = 'f'"});
    let rows = api.post("/query", &query).await.expect(200).json();
    assert_eq!(rows["value"].as_array().unwrap().len(), 1);
    let edit = json!([{"op": "add", "path": "/name", "value": "x"}]);
    let faults = api.patch("/digitaltwins/f", &edit).await.faults();
    assert_eq!(faults, ["the model dtmi:test:Floor;1 is not known"]);
    let out = json!({"$targetId": "g", "$relationshipName": "near"});
    api.delete("/digitaltwins/g/relationships/1").await.empty();
    api.put("/digitaltwins/f/relationships/1", &out).await.refused(400, "ValidationFailed");

    api.instance.create_models(&[floor]).unwrap();
    api.patch("/digitaltwins/f", &edit).await.empty();
    api.put("/digitaltwins/f/relationships/1", &out).await.expect(200);
    // Twins whose model is gone may be led to, whatever they were.
    api.room("r").await;
    api.delete(ROOM).await.empty();
    let serves = json!({"$targetId": "r", "$relationshipName": "serves"});
    api.put("/digitaltwins/f/relationships/2", &serves).await.expect(200);
    let spaces = "SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:test:Space;1')";
    let rows = api.post("/query", &json!({"query": spaces})).await.expect(200).json();
    assert_eq!(rows["value"], json!([{"COUNT": 2}]));
}
