//! Components through their own path.

use serde_json::json;

use crate::support::{Api, room};

const COMPONENT: &str = "/digitaltwins/r/components/thermostat";

#[tokio::test]
async fn a_component_has_the_etag_of_its_twin() {
    let api = Api::with_models();
    let body = room(json!({"thermostat": {"setPoint": 20, "$metadata": {}}}));
    let twin = api.put("/digitaltwins/r", &body).await.expect(200);
    let component = api.get(COMPONENT).await.expect(200);
    assert_eq!(component.etag(), twin.etag());
    assert_eq!(component.json(), twin.json()["thermostat"]);
    let patch = json!([
        {"op": "replace", "path": "/setPoint", "value": 21},
        {"op": "add", "path": "/$metadata/setPoint/sourceTime", "value": "2024-01-01T00:00:00Z"},
    ]);
    let patched = api.patch(COMPONENT, &patch).await.empty();
    assert_eq!(patched.etag(), api.get("/digitaltwins/r").await.etag());
    let component = api.get(COMPONENT).await.json();
    assert_eq!(component["setPoint"], 21);
    assert_eq!(component["$metadata"]["setPoint"]["sourceTime"], "2024-01-01T00:00:00Z");
}

#[tokio::test]
async fn unknown_components_are_missing_to_get_and_a_bad_patch_to_patch() {
    let api = Api::with_models();
    api.put("/digitaltwins/r", &room(json!({"size": {"width": 1}}))).await.expect(200);
    let patch = json!([{"op": "add", "path": "/setPoint", "value": 21}]);
    // An object property is no component, and neither is the twin's metadata.
    for name in ["none", "Thermostat", "size", "temp", "$metadata"] {
        let path = format!("/digitaltwins/r/components/{name}");
        api.get(&path).await.refused(404, "ComponentNotFound");
        api.patch(&path, &patch).await.refused(400, "JsonPatchInvalid");
    }
    let other = "/digitaltwins/none/components/thermostat";
    api.get(other).await.refused(404, "DigitalTwinNotFound");
    api.patch(other, &patch).await.refused(404, "DigitalTwinNotFound");
    api.get("/digitaltwins/r/components/").await.refused(400, "InvalidArgument");
    api.patch("/digitaltwins/r/components/", &patch).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn patches_of_components_are_checked() {
    let api = Api::with_models();
    let old = api.room("r").await.etag();
    let bad = json!([{"op": "add", "path": "/setPoint", "value": "warm"}]);
    let faults = api.patch(COMPONENT, &bad).await.faults();
    assert_eq!(faults, ["thermostat/setPoint must be of schema double, not \"warm\""]);
    for bad in [
        json!([{"op": "replace", "path": "/setPoint", "value": 1}]),
        json!([{"op": "add", "path": "/$metadata", "value": {}}]),
        json!([{"op": "add", "path": "", "value": {}}]),
    ] {
        api.patch(COMPONENT, &bad).await.refused(400, "JsonPatchInvalid");
    }
    let good = json!([{"op": "add", "path": "/setPoint", "value": 1}]);
    let stale = [("If-Match", "W/\"stale\"")];
    api.send("PATCH", COMPONENT, &stale, Some(&good)).await.refused(412, "PreconditionFailed");
    api.send("PATCH", COMPONENT, &[("If-Match", "stale")], Some(&good))
        .await
        .refused(400, "InvalidArgument");
    api.send("PATCH", COMPONENT, &[("If-Match", &old)], Some(&good)).await.empty();
}
