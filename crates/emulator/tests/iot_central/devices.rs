//! Devices: their documents, states, limits, and who may see them.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    iot_central::{Config, Limits},
};

use crate::support::{
    OPERATOR, ORG_ADMINISTRATOR, ORG_VIEWER, PREVIEW, Stage, THERMOSTAT, THERMOSTAT_MODEL,
};

#[tokio::test]
async fn a_device_is_made_read_changed_and_deleted() {
    let stage = Stage::with_thermostat().await;
    let owner = &stage.owner;
    let body = json!({"template": THERMOSTAT, "displayName": "One", "id": "x", "colour": "red"});
    let made = owner.put("/devices/dev-1", &body).await.expect(200).json();
    let whole = json!({
        "id": "dev-1",
        "etag": made["etag"],
        "template": THERMOSTAT,
        "displayName": "One",
        "colour": "red",
        "enabled": true,
        "simulated": false,
        "provisioned": false,
    });
    assert_eq!(made, whole);
    assert_eq!(owner.get("/devices/dev-1").await.expect(200).json(), made);
    // The vendor's command line sends the whole device back.
    let mut patch = made.clone();
    patch["enabled"] = false.into();
    patch["provisioned"] = true.into();
    let media = [("content-type", "application/json")];
    let answer = owner.send("PATCH", "/devices/dev-1", &media, Some(&patch)).await;
    let changed = answer.expect(200).json();
    assert_eq!((&changed["enabled"], &changed["provisioned"]), (&json!(false), &json!(false)));
    assert_ne!(changed["etag"], made["etag"]);
    owner.patch("/devices/dev-1", &patch).await.refused(412, "PreconditionFailed");
    owner.put("/devices/dev-1", &patch).await.refused(412, "PreconditionFailed");
    let replaced = owner.put("/devices/dev-1", &json!({})).await.expect(200).json();
    let plain = json!({
        "id": "dev-1",
        "etag": replaced["etag"],
        "displayName": "dev-1",
        "enabled": true,
        "simulated": false,
        "provisioned": false,
    });
    assert_eq!(replaced, plain);
    owner.delete("/devices/dev-1").await.expect(204);
    owner.get("/devices/dev-1").await.refused(404, "NotFound");
    owner.delete("/devices/dev-1").await.refused(404, "NotFound");
    owner.patch("/devices/dev-1", &json!({})).await.refused(404, "NotFound");
}

#[tokio::test]
async fn the_template_must_be_published_and_no_capability_model() {
    let stage = Stage::with_thermostat().await;
    let put = |template: &str| {
        let (owner, body) = (stage.owner.clone(), json!({"template": template}));
        async move { owner.put("/devices/d1", &body).await.refused(400, "BadRequest") }
    };
    assert!(put("dtmi:no:such;1").await.contains("There is no device template"));
    let message = put(THERMOSTAT_MODEL).await;
    assert!(message.contains("capability model") && message.contains(THERMOSTAT), "{message}");
    stage.owner.get("/devices/d1").await.refused(404, "NotFound");
}

#[tokio::test]
async fn bad_devices_are_refused_with_all_their_faults() {
    let stage = Stage::with_thermostat().await;
    let body = json!({
        "displayName": "x".repeat(149),
        "enabled": "yes",
        "simulated": 1,
        "template": 5,
        "organizations": ["a", "b"],
    });
    let message = stage.owner.put("/devices/d1", &body).await.refused(422, "InvalidBody");
    for told in ["148", "enabled", "simulated", "template", "more than one", "\"a\"", "\"b\""] {
        assert!(message.contains(told), "{told}: {message}");
    }
    for id in ["a_b", "a.b", "a%2Fb", &"x".repeat(129)] {
        let path = format!("/devices/{id}");
        stage.owner.put(&path, &json!({})).await.refused(400, "BadRequest");
    }
    stage.owner.put("/devices/d1", &json!({"displayName": "x".repeat(148)})).await.expect(200);
}

#[tokio::test]
async fn a_simulated_device_is_provisioned_after_a_while() {
    let stage = Stage::with_thermostat().await;
    let owner = &stage.owner;
    let provisioned = |body: Value| body["provisioned"].as_bool().unwrap();
    let body = json!({"template": THERMOSTAT, "simulated": true});
    assert!(!provisioned(owner.put("/devices/sim", &body).await.expect(200).json()));
    let mut blocked = body.clone();
    blocked["enabled"] = false.into();
    owner.put("/devices/blocked", &blocked).await.expect(200);
    owner.put("/devices/real", &json!({"template": THERMOSTAT})).await.expect(200);
    stage.emulator.clock().advance(Duration::from_secs(2));
    assert!(provisioned(owner.get("/devices/sim").await.json()));
    assert!(!provisioned(owner.get("/devices/real").await.json()));
    assert!(!provisioned(owner.get("/devices/blocked").await.json()));
    let unblocked = owner.patch("/devices/blocked", &json!({"enabled": true})).await.expect(200);
    assert!(!provisioned(unblocked.json()));
    stage.emulator.clock().advance(Duration::from_secs(2));
    assert!(provisioned(owner.get("/devices/blocked").await.json()));
    // Blocked once more it stays provisioned.
    let again = owner.patch("/devices/blocked", &json!({"enabled": false})).await.expect(200);
    assert!(provisioned(again.json()));
}

#[tokio::test]
async fn types_and_manifests_are_of_previews() {
    let stage = Stage::with_thermostat().await;
    let preview = stage.owner.version(PREVIEW);
    let manifest = json!({"data": {"modulesContent": {}}});
    let body = json!({"type": ["iotEdge"], "deploymentManifest": manifest});
    let made = preview.put("/devices/edge", &body).await.expect(200).json();
    assert_eq!((&made["type"], made.get("deploymentManifest")), (&json!(["iotEdge"]), None));
    let expanded = preview.get("/devices/edge?expand=deploymentManifest").await.json();
    assert_eq!(expanded["deploymentManifest"], manifest);
    let listed = preview.all("/devices?expand=deploymentManifest").await.0;
    assert_eq!(listed, std::slice::from_ref(&expanded));
    let stable = stage.owner.get("/devices/edge?expand=deploymentManifest").await.json();
    assert!(stable.get("type").is_none() && stable.get("deploymentManifest").is_none());
    let other = json!({"id": "m1", "data": {"modulesContent": {"$edgeHub": {}}}});
    let path = "/devices/edge/applyDeploymentManifest";
    let applied = preview.post(path, &other).await.expect(200).json();
    assert_eq!(applied, json!({"data": {"modulesContent": {"$edgeHub": {}}}}));
    let expanded = preview.get("/devices/edge?expand=deploymentManifest").await.json();
    assert_eq!(expanded["deploymentManifest"], applied);
    preview.post(path, &json!({})).await.refused(422, "InvalidBody");
    stage.owner.post(path, &other).await.refused(404, "NotFound");
    // A write in the stable version takes neither away.
    stage.owner.put("/devices/edge", &json!({})).await.expect(200);
    let after = preview.get("/devices/edge?expand=deploymentManifest").await.json();
    assert_eq!(
        (&after["type"], &after["deploymentManifest"]),
        (&made["type"], &expanded["deploymentManifest"])
    );
    for (body, told) in [
        (json!({"type": ["iotPlug"]}), "not iotEdge"),
        (json!({"type": []}), "cannot be changed"),
        (json!({"deploymentManifest": {"displayName": "x"}}), "deploymentManifest.data"),
    ] {
        let message = preview.put("/devices/edge", &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{told}: {message}");
    }
    let if_match = [("if-match", "\"~other\"")];
    let answer = preview.send("PATCH", "/devices/edge", &if_match, Some(&json!({}))).await;
    answer.refused(412, "PreconditionFailed");
    let etag = after["etag"].as_str().unwrap();
    let if_match = [("if-match", etag)];
    preview.send("PATCH", "/devices/edge", &if_match, Some(&json!({}))).await.expect(200);
}

#[tokio::test]
async fn there_are_limits() {
    let limits = Limits { devices: 3, simulated_devices: 1, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let owner = &stage.owner;
    let simulated = json!({"simulated": true});
    owner.put("/devices/d1", &simulated).await.expect(200);
    owner.put("/devices/d1", &simulated).await.expect(200);
    owner.put("/devices/d2", &simulated).await.refused(409, "Conflict");
    owner.put("/devices/d2", &json!({})).await.expect(200);
    owner.patch("/devices/d2", &simulated).await.refused(409, "Conflict");
    owner.patch("/devices/d1", &json!({"simulated": false})).await.expect(200);
    owner.patch("/devices/d2", &simulated).await.expect(200);
    owner.put("/devices/d3", &json!({})).await.expect(200);
    owner.put("/devices/d4", &json!({})).await.refused(409, "Conflict");
    owner.delete("/devices/d2").await.expect(204);
    owner.put("/devices/d4", &simulated).await.expect(200);
}

#[tokio::test]
async fn organizations_see_their_own_devices() {
    let stage = Stage::new().await;
    let owner = &stage.owner;
    for id in ["north", "south"] {
        owner.put(&format!("/organizations/{id}"), &json!({"displayName": id})).await.expect(200);
        let body = json!({"organizations": [id]});
        owner.put(&format!("/devices/{id}"), &body).await.expect(200);
    }
    owner.put("/devices/root", &json!({"organizations": []})).await.expect(200);
    let north = |role| json!([{"role": role, "organization": "north"}]);
    let viewer = stage.member(north(ORG_VIEWER)).await;
    let seen = viewer.all("/devices").await.0;
    assert_eq!((seen.len(), &seen[0]["id"]), (1, &json!("north")));
    viewer.get("/devices/south").await.refused(404, "NotFound");
    viewer.delete("/devices/north").await.refused(403, "Forbidden");
    owner.delete("/organizations/north").await.refused(409, "Conflict");
    let admin = stage.member(north(ORG_ADMINISTRATOR)).await;
    admin.put("/devices/own", &json!({"organizations": ["north"]})).await.expect(200);
    let south = json!({"organizations": ["south"]});
    admin.put("/devices/other", &south).await.refused(403, "Forbidden");
    admin.put("/devices/other", &json!({})).await.refused(403, "Forbidden");
    admin.patch("/devices/own", &south).await.refused(403, "Forbidden");
    let operator = stage.member(json!([{"role": OPERATOR}])).await;
    assert_eq!(operator.all("/devices").await.0.len(), 4);
}

#[tokio::test]
async fn many_devices_are_listed_once_each() {
    let limits = Limits { simulated_devices: 2000, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let body = json!({"simulated": true});
    for batch in 0..40 {
        let paths = (0..50).map(|number| format!("/devices/d{:05}", batch * 50 + number));
        let made = paths.map(|path| {
            let (owner, body) = (stage.owner.clone(), &body);
            async move { owner.put(&path, body).await.expect(200) }
        });
        futures_util::future::join_all(made).await;
    }
    let preview = stage.owner.version(PREVIEW);
    let (items, pages) = preview.all("/devices?maxpagesize=100").await;
    let ids: BTreeSet<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((items.len(), ids.len(), pages), (2000, 2000, 20));
}
