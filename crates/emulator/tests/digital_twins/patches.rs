//! JSON Patch on twins.

use serde_json::{Value, json};

use crate::support::{Api, floor, room};

async fn api() -> Api {
    let api = Api::with_models();
    let body = room(json!({
        "temp": 20, "size": {"width": 3}, "labels": {"a": "1"}, "tags": ["x"],
        "thermostat": {"setPoint": 21, "$metadata": {}},
    }));
    api.put("/digitaltwins/r", &body).await.expect(200);
    api
}

/// The twin without etag and metadata.
async fn contents(api: &Api) -> Value {
    let mut twin = api.get("/digitaltwins/r").await.expect(200).json();
    let members = twin.as_object_mut().unwrap();
    members.retain(|name, _| !name.starts_with('$'));
    for member in members.values_mut().filter_map(Value::as_object_mut) {
        member.remove("$metadata");
    }
    twin
}

#[tokio::test]
async fn operations_reach_properties_objects_maps_and_components() {
    let api = api().await;
    let before = api.get("/digitaltwins/r").await.etag();
    let patch = json!([
        {"op": "add", "path": "/name", "value": "first"},
        {"op": "replace", "path": "/name", "value": "hall"},
        {"op": "add", "path": "/temp", "value": 22.5},
        {"op": "remove", "path": "/tags"},
        {"op": "add", "path": "/size/depth", "value": 4},
        {"op": "replace", "path": "/size/width", "value": 5},
        {"op": "add", "path": "/labels/b~1c", "value": "2"},
        {"op": "remove", "path": "/labels/a"},
        {"op": "replace", "path": "/thermostat/setPoint", "value": 19},
        {"op": "add", "path": "/thermostat/mode", "value": "eco"},
    ]);
    let answer = api.patch("/digitaltwins/r", &patch).await.empty();
    assert_ne!(answer.etag(), before);
    assert_eq!(answer.etag(), api.get("/digitaltwins/r").await.etag());
    assert_eq!(
        contents(&api).await,
        json!({
            "temp": 22.5, "size": {"width": 5, "depth": 4}, "labels": {"b/c": "2"},
            "thermostat": {"setPoint": 19, "mode": "eco"}, "name": "hall",
        })
    );
}

#[tokio::test]
async fn what_cannot_be_applied_is_an_invalid_patch() {
    let api = api().await;
    let before = api.get("/digitaltwins/r").await.json();
    let cases = [
        json!([{"op": "replace", "path": "/seats", "value": 4}]),
        json!([{"op": "remove", "path": "/seats"}]),
        json!([{"op": "add", "path": "/seats/x", "value": 4}]),
        json!([{"op": "add", "path": "/temp/x", "value": 4}]),
        json!([{"op": "add", "path": "/tags/0", "value": "y"}]),
        json!([{"op": "add", "path": "/noComponent/setPoint", "value": 4}]),
        json!([{"op": "remove", "path": "/thermostat/mode"}]),
        json!([{"op": "move", "from": "/temp", "path": "/seats"}]),
        json!([{"op": "add", "path": "/$dtId", "value": "x"}]),
        json!([{"op": "replace", "path": "/$etag", "value": "x"}]),
        json!([{"op": "remove", "path": "/$metadata"}]),
        json!([{"op": "remove", "path": "/$metadata/$model"}]),
        json!([{"op": "replace", "path": "/$metadata/$model", "value": 1}]),
        json!([{"op": "replace", "path": "/$metadata/temp/lastUpdateTime", "value": "x"}]),
        json!([{"op": "remove", "path": "/$metadata/temp/sourceTime"}]),
        json!([{"op": "remove", "path": "/thermostat/$metadata"}]),
        json!([{"op": "add", "path": "/thermostat/$metadata/$lastUpdateTime", "value": "x"}]),
        json!([{"op": "add", "path": "/$metadata/seats/sourceTime",
                "value": "2024-01-01T00:00:00Z"}]),
        json!([{"op": "add", "path": "/$metadata/thermostat/sourceTime",
                "value": "2024-01-01T00:00:00Z"}]),
        json!([{"op": "add", "path": "/thermostat/$metadata/mode/sourceTime",
                "value": "2024-01-01T00:00:00Z"}]),
        json!({"op": "add"}),
    ];
    for case in cases {
        // A good operation before it must not show.
        let mut patch = json!([{"op": "add", "path": "/name", "value": "x"}]);
        match case {
            Value::Array(operations) => patch.as_array_mut().unwrap().extend(operations),
            other => patch = other,
        }
        api.patch("/digitaltwins/r", &patch).await.refused(400, "JsonPatchInvalid");
    }
    assert_eq!(api.get("/digitaltwins/r").await.json(), before);
}

#[tokio::test]
async fn the_outcome_must_be_a_valid_twin() {
    let api = api().await;
    let before = api.get("/digitaltwins/r").await.json();
    let patch = json!([
        {"op": "add", "path": "/temp", "value": "warm"},
        {"op": "add", "path": "/colour", "value": "red"},
        {"op": "add", "path": "/size/height", "value": 1},
        {"op": "add", "path": "/thermostat/setPoint", "value": []},
        {"op": "add", "path": "/thermostat/$metadata/setPoint/sourceTime", "value": "soon"},
    ]);
    assert_eq!(
        api.patch("/digitaltwins/r", &patch).await.faults(),
        [
            "thermostat/$metadata/setPoint/sourceTime must be a dateTime, not \"soon\"",
            "thermostat/setPoint must be of schema double, not an array",
            "temp must be of schema double, not \"warm\"",
            "size/height is not a field of the declared object",
            "colour is not a property of the model dtmi:test:Room;1",
        ]
    );
    let gone = json!([{"op": "remove", "path": "/thermostat"}]);
    let faults = api.patch("/digitaltwins/r", &gone).await.faults();
    assert_eq!(faults, ["the component thermostat of model dtmi:test:Thermostat;1 is missing"]);
    let bare = json!([{"op": "replace", "path": "/thermostat", "value": {"setPoint": 1}}]);
    let faults = api.patch("/digitaltwins/r", &bare).await.faults();
    assert_eq!(faults, ["the component thermostat must be an object with $metadata"]);
    assert_eq!(api.get("/digitaltwins/r").await.json(), before);
    let whole = json!([{"op": "replace", "path": "/thermostat",
                        "value": {"mode": "eco", "$metadata": {}}}]);
    api.patch("/digitaltwins/r", &whole).await.empty();
    assert_eq!(contents(&api).await["thermostat"], json!({"mode": "eco"}));
}

#[tokio::test]
async fn a_model_is_changed_with_all_it_needs() {
    let api = api().await;
    let model = json!({"op": "replace", "path": "/$metadata/$model", "value": "dtmi:test:Floor;1"});
    let faults = api.patch("/digitaltwins/r", &json!([model])).await.faults();
    assert_eq!(
        faults,
        [
            "thermostat is not a property of the model dtmi:test:Floor;1",
            "temp is not a property of the model dtmi:test:Floor;1",
            "tags is not a property of the model dtmi:test:Floor;1",
        ]
    );
    let removals =
        ["/temp", "/tags", "/thermostat"].map(|path| json!({"op": "remove", "path": path}));
    let mut patch = vec![model];
    patch.extend(removals);
    api.patch("/digitaltwins/r", &Value::Array(patch)).await.empty();
    let twin = api.get("/digitaltwins/r").await.json();
    assert_eq!(twin["$metadata"]["$model"], "dtmi:test:Floor;1");
    assert_eq!(twin["$metadata"].get("temp"), None);
    let back = json!([
        {"op": "add", "path": "/thermostat", "value": {"$metadata": {}}},
        {"op": "replace", "path": "/$metadata/$model", "value": "dtmi:test:Room;1"},
    ]);
    api.patch("/digitaltwins/r", &back).await.empty();
    let gone = json!([{"op": "replace", "path": "/$metadata/$model", "value": "dtmi:a:b;1"}]);
    let faults = api.patch("/digitaltwins/r", &gone).await.faults();
    assert_eq!(faults, ["the model dtmi:a:b;1 is not known"]);
}

#[tokio::test]
async fn a_twin_cannot_move_to_a_decommissioned_model() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    let set = json!([{"op": "replace", "path": "/decommissioned", "value": true}]);
    api.patch("/models/dtmi%3Atest%3ARoom%3B1", &set).await.empty();
    let patch = json!([
        {"op": "replace", "path": "/$metadata/$model", "value": "dtmi:test:Room;1"},
        {"op": "add", "path": "/thermostat", "value": {"$metadata": {}}},
    ]);
    let faults = api.patch("/digitaltwins/f", &patch).await.faults();
    assert_eq!(faults, ["the model dtmi:test:Room;1 is decommissioned"]);
}

#[tokio::test]
async fn times_move_with_what_is_written() {
    let api = api().await;
    let before = api.get("/digitaltwins/r").await.json()["$metadata"].clone();
    api.clock.advance(std::time::Duration::from_secs(60));
    let source = "2024-01-01T00:00:00+01:00";
    let patch = json!([
        {"op": "replace", "path": "/temp", "value": 23},
        {"op": "replace", "path": "/$metadata/temp/sourceTime", "value": source},
        {"op": "remove", "path": "/tags"},
    ]);
    api.patch("/digitaltwins/r", &patch).await.empty();
    let after = api.get("/digitaltwins/r").await.json()["$metadata"].clone();
    assert_ne!(after["$lastUpdateTime"], before["$lastUpdateTime"]);
    assert_eq!(after["temp"]["lastUpdateTime"], after["$lastUpdateTime"]);
    assert_eq!(after["temp"]["sourceTime"], source);
    assert_eq!(after["size"], before["size"]);
    assert_eq!(after.get("tags"), None);

    api.clock.advance(std::time::Duration::from_secs(60));
    let patch = json!([{"op": "add", "path": "/thermostat/mode", "value": "eco"}]);
    api.patch("/digitaltwins/r", &patch).await.empty();
    let twin = api.get("/digitaltwins/r").await.json();
    let component = &twin["thermostat"]["$metadata"];
    assert_eq!(component["$lastUpdateTime"], twin["$metadata"]["$lastUpdateTime"]);
    assert_eq!(component["mode"]["lastUpdateTime"], component["$lastUpdateTime"]);
    assert_eq!(component["setPoint"]["lastUpdateTime"], before["$lastUpdateTime"]);
    let clear = json!([{"op": "remove", "path": "/$metadata/temp/sourceTime"}]);
    api.patch("/digitaltwins/r", &clear).await.empty();
    let twin = api.get("/digitaltwins/r").await.json();
    assert_eq!(twin["$metadata"]["temp"].get("sourceTime"), None);
}

#[tokio::test]
async fn conditions_are_checked_before_the_patch() {
    let api = api().await;
    let etag = api.get("/digitaltwins/r").await.etag();
    let patch = json!([{"op": "add", "path": "/temp", "value": 1}]);
    let send = |path: &str, condition: &str| {
        let (api, patch, path, condition) = (&api, &patch, path.to_owned(), condition.to_owned());
        async move { api.send("PATCH", &path, &[("If-Match", &condition)], Some(patch)).await }
    };
    let new = send("/digitaltwins/r", &etag).await.empty().etag();
    send("/digitaltwins/r", &etag).await.refused(412, "PreconditionFailed");
    send("/digitaltwins/r", "*").await.empty();
    send("/digitaltwins/r", &new).await.refused(412, "PreconditionFailed");
    send("/digitaltwins/r", "W/x").await.refused(400, "InvalidArgument");
    send("/digitaltwins/none", "*").await.refused(404, "DigitalTwinNotFound");
}
