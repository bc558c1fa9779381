//! Device templates: published at once, never losing a capability.

use serde_json::json;
use twinkit_emulator::{
    Emulator,
    iot_central::{Config, Limits},
};

use crate::support::{OLDER_PREVIEW, ORG_VIEWER, PREVIEW, Stage, THERMOSTAT, thermostat};

/// The path of a template.
const PATH: &str = "/deviceTemplates/dtmi%3Acontoso%3Athermostat%3B1";

#[tokio::test]
async fn a_template_is_made_read_changed_listed_and_deleted() {
    let stage = Stage::new().await;
    let owner = &stage.owner;
    let made = owner.put(PATH, &thermostat()).await.expect(200).json();
    let mut whole = thermostat();
    whole["@id"] = THERMOSTAT.into();
    whole["etag"] = made["etag"].clone();
    assert_eq!(made, whole, "@context and unknown members are kept");
    assert!(made["etag"].as_str().unwrap().starts_with("\"~"));
    assert_eq!(owner.get(PATH).await.expect(200).json(), made);
    // The id needs no escapes but that of the semicolon's kin.
    owner.get(&format!("/deviceTemplates/{THERMOSTAT}")).await.expect(200);
    let patch = json!({"displayName": "Warm", "etag": made["etag"], "@id": THERMOSTAT});
    let changed = owner.patch(PATH, &patch).await.expect(200).json();
    assert_eq!(changed["displayName"], "Warm");
    assert_ne!(changed["etag"], made["etag"]);
    owner.patch(PATH, &patch).await.refused(412, "PreconditionFailed");
    let preview = owner.version(PREVIEW);
    let if_match = [("if-match", "\"~other\"")];
    let answer = preview.send("PATCH", PATH, &if_match, Some(&json!({}))).await;
    answer.refused(412, "PreconditionFailed");
    assert_eq!(owner.all("/deviceTemplates").await.0, [changed]);
    owner.delete(PATH).await.expect(204);
    owner.get(PATH).await.refused(404, "NotFound");
}

#[tokio::test]
async fn a_plain_interface_is_refused_with_both_faults() {
    let stage = Stage::new().await;
    let interface = json!({
        "@context": "dtmi:dtdl:context;2",
        "@id": THERMOSTAT,
        "@type": "Interface",
        "contents": [],
    });
    let message = stage.owner.put(PATH, &interface).await.refused(422, "InvalidBody");
    assert!(message.contains("capabilityModel is missing"), "{message}");
    assert!(message.contains("@type is no list"), "{message}");
}

#[tokio::test]
async fn bad_templates_are_refused() {
    let limits = Limits { device_templates: 1, capabilities: 8, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let owner = &stage.owner;
    let types = json!(["ModelDefinition", "DeviceModel"]);
    let of = |contents| json!({"@type": types, "capabilityModel": {"contents": contents}});
    let many: Vec<_> =
        (0..9).map(|n| json!({"@type": "Telemetry", "name": format!("t{n}")})).collect();
    for (body, told) in [
        (json!({"@id": "dtmi:a:b;1", "@type": types, "capabilityModel": {}}), "in the path"),
        (json!({"@type": [1], "capabilityModel": {}}), "@type is no list of texts"),
        (of(json!({})), "contents is no list"),
        (of(json!([1])), "contents.0 is no object"),
        (of(json!([{"name": "x"}])), "contents.0.@type"),
        (of(json!([{"@type": "Telemetry"}])), "contents.0.name is missing"),
        (
            of(json!([
                {"@type": "Telemetry", "name": "x"}, {"@type": "Command", "name": "x"},
            ])),
            "there twice: \"x\"",
        ),
        (of(many.into()), "9 capabilities, 8 are allowed"),
    ] {
        let message = owner.put(PATH, &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{told}: {message}");
    }
    for id in ["thermostat", "dtmi:a%20b;1", "dtmi:a%2Fb;1"] {
        let path = format!("/deviceTemplates/{id}");
        owner.put(&path, &of(json!([]))).await.refused(400, "BadRequest");
    }
    owner.put(PATH, &of(json!([]))).await.expect(200);
    owner.put("/deviceTemplates/dtmi:a:b;1", &of(json!([]))).await.refused(409, "Conflict");
}

#[tokio::test]
async fn published_capabilities_stay() {
    let stage = Stage::new().await;
    let owner = &stage.owner;
    owner.put(PATH, &thermostat()).await.expect(200);
    let mut less = thermostat();
    less["capabilityModel"]["contents"].as_array_mut().unwrap().remove(0);
    let message = owner.put(PATH, &less).await.refused(422, "InvalidBody");
    assert!(message.contains("Telemetry temperature"), "{message}");
    let patch = json!({"capabilityModel": {"contents": []}});
    let message = owner.patch(PATH, &patch).await.refused(422, "InvalidBody");
    assert!(message.contains("Command info.selfTest"), "{message}");
    let mut more = thermostat();
    let new = json!({"@type": "Telemetry", "name": "pressure", "schema": "double"});
    more["capabilityModel"]["contents"].as_array_mut().unwrap().push(new);
    owner.put(PATH, &more).await.expect(200);
}

#[tokio::test]
async fn a_template_in_use_stays() {
    let stage = Stage::new().await;
    let owner = &stage.owner;
    owner.put(PATH, &thermostat()).await.expect(200);
    owner.put("/devices/d1", &json!({"template": THERMOSTAT})).await.expect(200);
    owner.delete(PATH).await.refused(409, "Conflict");
    owner.delete("/devices/d1").await.expect(204);
    owner.delete(PATH).await.expect(204);
}

#[tokio::test]
async fn all_organizations_read_templates_and_none_of_them_writes() {
    let stage = Stage::new().await;
    stage.owner.put(PATH, &thermostat()).await.expect(200);
    stage.owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    let viewer = stage.member(json!([{"role": ORG_VIEWER, "organization": "north"}])).await;
    viewer.get(PATH).await.expect(200);
    assert_eq!(viewer.all("/deviceTemplates").await.0.len(), 1);
    viewer.delete(PATH).await.refused(403, "Forbidden");
}

#[tokio::test]
async fn the_service_may_choose_the_id() {
    let config = Config { own_template_ids: true, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let owner = &stage.owner;
    let mut body = thermostat();
    body["@id"] = THERMOSTAT.into();
    let made = owner.put(PATH, &body).await.expect(200).json();
    let id = made["@id"].as_str().unwrap();
    assert!(id.starts_with("dtmi:modelDefinition:"), "{id}");
    owner.get(PATH).await.refused(404, "NotFound");
    let own = format!("/deviceTemplates/{id}");
    assert_eq!(owner.get(&own).await.expect(200).json(), made);
    let again = owner.put(&own, &made).await.expect(200).json();
    assert_eq!(again["@id"], id);
    owner.put("/devices/d1", &json!({"template": THERMOSTAT})).await.refused(400, "BadRequest");
    owner.put("/devices/d1", &json!({"template": id})).await.expect(200);
}

#[tokio::test]
async fn lists_come_in_the_size_and_order_asked_for() {
    let stage = Stage::new().await;
    for (id, name) in [("a", "Second"), ("b", "Third"), ("c", "First")] {
        let mut body = thermostat();
        body["displayName"] = name.into();
        stage.owner.put(&format!("/deviceTemplates/dtmi:x:{id};1"), &body).await.expect(200);
    }
    let older = stage.owner.version(OLDER_PREVIEW);
    let (items, pages) = older.all("/deviceTemplates?$top=1&$orderby=displayName%20desc").await;
    let names: Vec<&str> = items.iter().map(|item| item["displayName"].as_str().unwrap()).collect();
    assert_eq!((names.as_slice(), pages), (["Third", "Second", "First"].as_slice(), 3));
    assert!(items.iter().all(|item| item["@id"].is_string() && item["@type"].is_array()));
}
