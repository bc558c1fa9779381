//! Properties at the four levels: wanted, acknowledged, cloud-only.

use std::time::Duration;

use serde_json::{Map, Value, json};
use twinkit_emulator::iot_central::{Acknowledgement, Place};

use crate::support::{ORG_VIEWER, PREVIEW, Stage, THERMOSTAT, members};

const PATH: &str = "/devices/dev-1/properties";

#[tokio::test]
async fn what_is_wanted_is_accepted_and_shown_until_the_device_answers() {
    let stage = Stage::with_device(false).await;
    let (owner, app) = (&stage.owner, stage.application());
    assert_eq!(
        owner.get(PATH).await.expect(200).json(),
        json!({"$metadata": {}, "info": {"$metadata": {}}})
    );
    let patch = json!({"target": 21.5, "customer": "Contoso", "info": {"owner": "Ada"}});
    let answer = owner.patch(PATH, &patch).await.expect(202).json();
    assert_eq!(
        answer,
        json!({
            "$metadata": {"target": {"desiredValue": 21.5}},
            "customer": "Contoso",
            "info": {"$metadata": {"owner": {"desiredValue": "Ada"}}},
        })
    );
    stage.emulator.clock().advance(Duration::from_secs(60));
    let shown = owner.get(PATH).await.expect(200).json();
    assert_eq!((shown.get("target"), &shown["customer"]), (None, &json!("Contoso")));
    let target = &shown["$metadata"]["target"];
    assert_eq!((&target["desiredValue"], &target["desiredVersion"]), (&json!(21.5), &json!(1)));
    assert!(target.get("ackCode").is_none() && target["lastUpdateTime"].is_string());
    assert_eq!(shown["$metadata"].get("customer"), None);
    assert_eq!(shown["info"]["$metadata"]["owner"]["desiredValue"], "Ada");

    let given =
        Acknowledgement { code: 203, version: None, description: Some("a little less".to_owned()) };
    let reported = members(json!({"target": 20}));
    app.report_properties("dev-1", &Place::root(), reported, Some(&given)).unwrap();
    app.report_properties("dev-1", &Place::root(), members(json!({"serial": "S1"})), None).unwrap();
    let shown = owner.get(PATH).await.expect(200).json();
    assert_eq!((&shown["target"], &shown["serial"]), (&json!(20), &json!("S1")));
    let mut target = shown["$metadata"]["target"].clone();
    target.as_object_mut().unwrap().remove("lastUpdateTime").unwrap();
    assert_eq!(
        target,
        json!({
            "desiredValue": 21.5,
            "desiredVersion": 1,
            "ackVersion": 1,
            "ackCode": 203,
            "ackDescription": "a little less",
        })
    );
    // A new wish leaves what was reported, and its version tells that it is open.
    owner.patch(PATH, &json!({"target": 25})).await.expect(202);
    let shown = owner.get(PATH).await.json();
    let target = &shown["$metadata"]["target"];
    assert_eq!((&shown["target"], &target["desiredVersion"]), (&json!(20), &json!(2)));
    assert_eq!(target["ackVersion"], 1);
}

#[tokio::test]
async fn a_simulated_device_acknowledges_by_itself() {
    let stage = Stage::with_device(true).await;
    let owner = &stage.owner;
    owner.patch(PATH, &json!({"target": 21})).await.expect(202);
    assert_eq!(owner.get(PATH).await.json().get("target"), None);
    stage.emulator.clock().advance(Duration::from_secs(1));
    let shown = owner.get(PATH).await.json();
    assert_eq!(shown["target"], 21);
    let target = &shown["$metadata"]["target"];
    assert_eq!((&target["ackCode"], &target["ackVersion"]), (&json!(200), &json!(1)));
    // What it had time for stays acknowledged when the next wish comes.
    owner.patch(PATH, &json!({"target": 22})).await.expect(202);
    assert_eq!(owner.get(PATH).await.json()["target"], 21);
    stage.emulator.clock().advance(Duration::from_secs(1));
    assert_eq!(owner.get(PATH).await.json()["target"], 22);
}

#[tokio::test]
async fn a_replacement_takes_back_what_is_not_named() {
    let stage = Stage::with_device(true).await;
    let owner = &stage.owner;
    let all = json!({
        "target": 21, "mode": {"fan": 1}, "customer": "Contoso", "info": {"owner": "Ada"},
    });
    owner.put(PATH, &all).await.expect(202);
    stage.emulator.clock().advance(Duration::from_secs(1));
    // A patch goes into objects, a replacement does not.
    let answer = owner.patch(PATH, &json!({"mode": {"heat": true}})).await.expect(202).json();
    let merged = json!({"fan": 1, "heat": true});
    assert_eq!(answer["$metadata"]["mode"]["desiredValue"], merged);
    owner.put(PATH, &json!({"mode": {"heat": false}})).await.expect(202);
    let shown = owner.get(PATH).await.json();
    assert_eq!(shown.get("customer"), None);
    assert_eq!(shown["target"], 21, "what was reported stays");
    assert_eq!(shown["$metadata"]["target"].get("desiredValue"), None);
    assert_eq!(shown["$metadata"]["mode"]["desiredValue"], json!({"heat": false}));
    assert_eq!(shown["info"]["$metadata"]["owner"]["desiredValue"], "Ada", "it was not named");
    owner.put(PATH, &json!({"info": {}})).await.expect(202);
    let shown = owner.get(PATH).await.json();
    assert_eq!(shown["info"]["$metadata"]["owner"].get("desiredValue"), None);
    // Null takes one back; what was read can be sent again.
    owner.patch(PATH, &json!({"customer": "x"})).await.expect(202);
    owner.patch(PATH, &json!({"customer": null, "$metadata": {"x": 1}})).await.expect(202);
    assert_eq!(owner.get(PATH).await.json().get("customer"), None);
}

#[tokio::test]
async fn every_level_has_its_own() {
    let stage = Stage::with_device(true).await;
    let owner = &stage.owner;
    for (path, name, value) in [
        ("/devices/dev-1/components/info/properties", "owner", json!("Ada")),
        ("/devices/dev-1/modules/filter/properties", "level", json!(3)),
        ("/devices/dev-1/modules/filter/components/cache/properties", "size", json!(4)),
    ] {
        let mut body = Map::new();
        body.insert(name.to_owned(), value.clone());
        let answer = owner.put(path, &Value::from(body)).await.expect(202).json();
        let mut metadata = Map::new();
        metadata.insert(name.to_owned(), json!({"desiredValue": value}));
        assert_eq!(answer, json!({ "$metadata": metadata }), "{path}");
        stage.emulator.clock().advance(Duration::from_secs(1));
        assert_eq!(owner.get(path).await.expect(200).json()[name], value, "{path}");
    }
    let module = owner.get("/devices/dev-1/modules/filter/properties").await.json();
    assert_eq!((&module["level"], &module["cache"]["size"]), (&json!(3), &json!(4)));
    let device = owner.get(PATH).await.json();
    assert_eq!((&device["info"]["owner"], device.get("level")), (&json!("Ada"), None));
    for path in [
        "/devices/none/properties",
        "/devices/dev-1/components/none/properties",
        "/devices/dev-1/modules/none/properties",
        "/devices/dev-1/modules/filter/components/none/properties",
    ] {
        owner.get(path).await.refused(404, "NotFound");
        owner.patch(path, &json!({})).await.refused(404, "NotFound");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_whole() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    let patch = json!({
        "target": "warm",
        "mode": {"fan": "fast"},
        "serial": "x",
        "colour": "red",
        "info": {"maker": "x", "owner": 1},
        "customer": "Contoso",
    });
    let message = owner.patch(PATH, &patch).await.refused(422, "InvalidBody");
    for told in [
        "target is no double",
        "mode has a field \"fan\" that is no integer",
        "serial is not writable",
        "colour is no property of the device",
        "maker is not writable",
        "owner is no string",
    ] {
        assert!(message.contains(told), "{told}: {message}");
    }
    assert_eq!(owner.get(PATH).await.json().get("customer"), None);
    let message = owner.patch(PATH, &json!({"info": 1})).await.refused(422, "InvalidBody");
    assert!(message.contains("info is a component"), "{message}");
    let long = json!({"info": {"owner": "x".repeat(5000)}});
    let message = owner.patch(PATH, &long).await.refused(422, "InvalidBody");
    assert!(message.contains("4096 bytes"), "{message}");
}

#[tokio::test]
async fn unmodeled_properties_are_of_previews() {
    let stage = Stage::with_device(false).await;
    let preview = stage.owner.version(PREVIEW);
    let unmodeled = format!("{PATH}?unmodeled=true");
    let patch = json!({"colour": "red"});
    stage.owner.patch(&unmodeled, &patch).await.refused(422, "InvalidBody");
    preview.patch(PATH, &patch).await.refused(422, "InvalidBody");
    preview.patch(&unmodeled, &patch).await.expect(202);
    let reported = members(json!({"extra": 1}));
    stage.application().report_properties("dev-1", &Place::root(), reported, None).unwrap();
    let shown = preview.get(&unmodeled).await.expect(200).json();
    assert_eq!(shown["extra"], 1);
    assert_eq!(shown["$metadata"]["colour"]["desiredValue"], "red");
    let modeled = preview.get(PATH).await.expect(200).json();
    assert_eq!((modeled.get("extra"), modeled["$metadata"].get("colour")), (None, None));
    let module = "/devices/dev-1/modules/filter/properties?unmodeled=true";
    preview.patch(module, &patch).await.refused(422, "InvalidBody");
    // Together they have a limit: 32 KB.
    let many: Map<String, Value> =
        (0..9).map(|n| (format!("p{n}"), Value::from("x".repeat(4000)))).collect();
    let message = preview.patch(&unmodeled, &many.into()).await.refused(422, "InvalidBody");
    assert!(message.contains("32768 bytes together"), "{message}");
    let few: Map<String, Value> =
        (0..7).map(|n| (format!("p{n}"), Value::from("x".repeat(4000)))).collect();
    preview.patch(&unmodeled, &few.clone().into()).await.expect(202);
    preview.patch(&unmodeled, &few.into()).await.expect(202);
    let two = json!({"q1": "x".repeat(4000), "q2": "x".repeat(4000)});
    preview.patch(&unmodeled, &two).await.refused(422, "InvalidBody");
}

#[tokio::test]
async fn a_device_without_a_template_has_none_and_is_gone_with_all_of_them() {
    let stage = Stage::with_device(true).await;
    let owner = &stage.owner;
    let (telemetry, reboot) =
        ("/devices/dev-1/telemetry/temperature", "/devices/dev-1/commands/reboot");
    owner.patch(PATH, &json!({"target": 1})).await.expect(202);
    owner.post(reboot, &json!({})).await.expect(201);
    let sent = members(json!({"temperature": 5}));
    stage.application().send_telemetry("dev-1", &Place::root(), sent).unwrap();
    owner.get(telemetry).await.expect(200);
    owner.delete("/devices/dev-1").await.expect(204);
    owner.get(PATH).await.refused(404, "NotFound");
    owner.put("/devices/dev-1", &json!({})).await.expect(200);
    assert_eq!(owner.get(PATH).await.expect(200).json(), json!({"$metadata": {}}));
    owner.patch(PATH, &json!({"target": 1})).await.refused(422, "InvalidBody");
    owner.patch("/devices/dev-1", &json!({"template": THERMOSTAT})).await.expect(200);
    assert_eq!(owner.get(PATH).await.json()["$metadata"], json!({}));
    owner.get(telemetry).await.refused(404, "NotFound");
    assert!(owner.all(reboot).await.0.is_empty());
}

#[tokio::test]
async fn who_may_only_look_writes_nothing() {
    let stage = Stage::with_device(true).await;
    let owner = &stage.owner;
    owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    let viewer = stage.member(json!([{"role": ORG_VIEWER, "organization": "north"}])).await;
    viewer.get(PATH).await.refused(404, "NotFound");
    owner.patch("/devices/dev-1", &json!({"organizations": ["north"]})).await.expect(200);
    viewer.get(PATH).await.expect(200);
    viewer.patch(PATH, &json!({"target": 1})).await.refused(403, "Forbidden");
    viewer.get("/devices/dev-1/credentials").await.refused(403, "Forbidden");
}
