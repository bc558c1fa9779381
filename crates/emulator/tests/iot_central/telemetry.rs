//! Telemetry: the last value at the four levels.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::{clock::Clock, iot_central::Place};

use crate::support::{Stage, members};

#[tokio::test]
async fn the_last_value_is_told_at_every_level() {
    let clock = Clock::starting_at("2026-05-01T12:00:00Z".parse().unwrap());
    let stage = Stage::with_device_at(clock, false).await;
    let (owner, app) = (&stage.owner, stage.application());
    for (place, path, name) in [
        (Place::root(), "", "temperature"),
        (Place::component("info"), "/components/info", "load"),
        (Place::module("filter"), "/modules/filter", "rate"),
        (Place::module_component("filter", "cache"), "/modules/filter/components/cache", "hits"),
    ] {
        let path = format!("/devices/dev-1{path}/telemetry/{name}");
        let message = owner.get(&path).await.refused(404, "NotFound");
        assert!(message.contains("has sent none"), "{message}");
        for value in [1, 2] {
            let mut values = members(json!({"other": true}));
            values.insert(name.to_owned(), value.into());
            app.send_telemetry("dev-1", &place, values).unwrap();
        }
        let shown = owner.get(&path).await.expect(200).json();
        assert_eq!(shown["value"], 2);
        let at = shown["timestamp"].as_str().unwrap();
        assert!(at.starts_with("2026-05-01T12:0") && at.ends_with('Z'), "{at}");
        stage.emulator.clock().advance(Duration::from_secs(1));
        assert_eq!(owner.get(&path).await.json(), shown, "an old value keeps its time");
    }
    // Not of the template, though it was sent.
    owner.get("/devices/dev-1/telemetry/other").await.refused(404, "NotFound");
    owner.get("/devices/dev-1/components/none/telemetry/load").await.refused(404, "NotFound");
    owner.get("/devices/none/telemetry/temperature").await.refused(404, "NotFound");
    let error = app.send_telemetry("none", &Place::root(), members(json!({}))).unwrap_err();
    assert_eq!(error.status(), 404);
}

#[tokio::test]
async fn a_blocked_device_sends_nothing() {
    let stage = Stage::with_device(true).await;
    stage.owner.patch("/devices/dev-1", &json!({"enabled": false})).await.expect(200);
    let values = members(json!({"temperature": 1}));
    let error =
        stage.application().send_telemetry("dev-1", &Place::root(), values.clone()).unwrap_err();
    assert_eq!(error.status(), 409);
    let error =
        stage.application().report_properties("dev-1", &Place::root(), values, None).unwrap_err();
    assert_eq!(error.status(), 409);
}
