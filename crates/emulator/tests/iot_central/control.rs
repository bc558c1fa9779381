//! Devices moved from another process.

use serde_json::{Value, json};
use twinkit_emulator::Emulator;

use crate::support::{Caller, OPERATOR, Stage, THERMOSTAT, thermostat};

/// Sends to the control endpoint; gives status and body.
async fn tell(stage: &Stage, path: &str, body: Value) -> (u16, String) {
    let url = format!("{}{path}", stage.emulator.control_url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The same, if all went well.
async fn told(stage: &Stage, path: &str, body: Value) {
    let (status, text) = tell(stage, path, body).await;
    assert_eq!(status, 204, "{path} {text}");
}

#[tokio::test]
async fn a_device_registers_itself_connects_and_answers() {
    let stage = Stage::with_thermostat().await;
    let owner = &stage.owner;
    told(&stage, "/iot-central/provisionings", json!({"device": "dev-1"})).await;
    let device = owner.get("/devices/dev-1").await.expect(200).json();
    assert_eq!((&device["provisioned"], device.get("template")), (&json!(true), None));
    owner.patch("/devices/dev-1", &json!({"template": THERMOSTAT})).await.expect(200);
    let reboot = "/devices/dev-1/commands/reboot";
    owner.post(reboot, &json!({})).await.refused(404, "NotFound");
    let connections = "/iot-central/connections";
    told(&stage, connections, json!({"device": "dev-1", "connected": true})).await;
    let answers = "/iot-central/command-answers";
    told(&stage, answers, json!({"device": "dev-1", "code": 202, "response": [1]})).await;
    let body = json!({
        "device": "dev-1", "component": "info", "command": "selfTest",
        "code": 500, "delayMilliseconds": 5,
    });
    told(&stage, answers, body).await;
    let answer = owner.post(reboot, &json!({})).await.expect(201).json();
    assert_eq!((&answer["responseCode"], &answer["response"]), (&json!(202), &json!([1])));
    let test = "/devices/dev-1/components/info/commands/selfTest";
    let answer = owner.post(test, &json!({})).await.expect(201).json();
    assert_eq!((&answer["responseCode"], answer.get("response")), (&json!(500), None));
    let body = json!({
        "device": "dev-1", "component": "info", "command": "selfTest", "reset": true,
    });
    told(&stage, answers, body).await;
    let answer = owner.post(test, &json!({})).await.expect(201).json();
    assert_eq!(answer["responseCode"], 202, "the answer for all commands");
    told(&stage, connections, json!({"device": "dev-1", "connected": false})).await;
    owner.post(reboot, &json!({})).await.refused(404, "NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_device_falls_silent() {
    let stage = Stage::with_device(true).await;
    let answers = "/iot-central/command-answers";
    told(&stage, answers, json!({"device": "dev-1", "silent": true})).await;
    let reboot = "/devices/dev-1/commands/reboot";
    stage.owner.post(reboot, &json!({})).await.refused(408, "RequestTimeout");
    told(&stage, answers, json!({"device": "dev-1", "reset": true})).await;
    stage.owner.post(reboot, &json!({})).await.expect(201);
}

#[tokio::test]
async fn properties_and_telemetry_come_from_the_device() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    owner.patch("/devices/dev-1/properties", &json!({"target": 5})).await.expect(202);
    let body = json!({
        "device": "dev-1", "properties": {"target": 6},
        "acknowledgement": {"code": 203, "version": 1, "description": "warmer"},
    });
    told(&stage, "/iot-central/properties", body).await;
    let body = json!({"device": "dev-1", "component": "info", "properties": {"maker": "M"}});
    told(&stage, "/iot-central/properties", body).await;
    let shown = owner.get("/devices/dev-1/properties").await.json();
    assert_eq!((&shown["target"], &shown["info"]["maker"]), (&json!(6), &json!("M")));
    let target = &shown["$metadata"]["target"];
    assert_eq!((&target["ackCode"], &target["ackDescription"]), (&json!(203), &json!("warmer")));
    let body = json!({
        "device": "dev-1", "module": "filter", "component": "cache", "values": {"hits": 9},
    });
    told(&stage, "/iot-central/telemetry", body).await;
    let path = "/devices/dev-1/modules/filter/components/cache/telemetry/hits";
    assert_eq!(owner.get(path).await.expect(200).json()["value"], 9);
}

#[tokio::test]
async fn the_application_is_named_or_the_first_one() {
    let stage = Stage::with(Emulator::builder().iot_central_application("second")).await;
    let second = stage.owner.at(&stage.emulator.iot_central_url_of("second").unwrap());
    let publish = |caller: Caller| async move {
        let path = format!("/deviceTemplates/{THERMOSTAT}");
        caller.put(&path, &thermostat()).await.expect(200)
    };
    publish(second.clone()).await;
    let body = json!({"device": "dev-2", "application": "second"});
    told(&stage, "/iot-central/provisionings", body).await;
    second.get("/devices/dev-2").await.expect(200);
    stage.owner.get("/devices/dev-2").await.refused(404, "NotFound");
    told(&stage, "/iot-central/rates", json!({"application": "second", "requests": 0})).await;
    second.get("/roles").await.refused(429, "TooManyRequests");
    stage.owner.get("/roles").await.expect(200);
    told(&stage, "/iot-central/rates", json!({"application": "second"})).await;
    second.get("/roles").await.expect(200);
}

#[tokio::test]
async fn mistakes_are_told() {
    let stage = Stage::with_device(true).await;
    stage.owner.patch("/devices/dev-1", &json!({"enabled": false})).await.expect(200);
    for (path, body, status, expected) in [
        ("provisionings", json!({}), 400, "\\\"device\\\" is missing"),
        ("provisionings", json!({"device": 1}), 400, "is no text"),
        ("provisionings", json!({"device": "a_b"}), 400, "not valid"),
        ("provisionings", json!({"device": "d", "odd": 1}), 400, "odd"),
        ("provisionings", json!({"device": "d", "application": "x"}), 404, "no application x"),
        ("provisionings", json!({"device": "dev-1"}), 400, "blocked"),
        ("connections", json!({"device": "none", "connected": false}), 404, "no device"),
        ("connections", json!({"device": "dev-1"}), 400, "connected"),
        ("command-answers", json!({"device": "none"}), 404, "no device"),
        ("command-answers", json!({"device": "d", "silent": true, "reset": true}), 400, "exclude"),
        ("properties", json!({"device": "dev-1", "properties": {"a": 1}}), 400, "blocked"),
        ("telemetry", json!({"device": "none", "values": {}}), 404, "no device"),
    ] {
        let (got, text) = tell(&stage, &format!("/iot-central/{path}"), body.clone()).await;
        assert_eq!(got, status, "{path} {body} {text}");
        assert!(text.contains(expected), "{path} {body} {text}");
    }
}

#[tokio::test]
async fn a_person_is_put_into_a_group_that_is_a_user() {
    let stage = Stage::new().await;
    let group = "99999999-0000-4000-8000-000000000001";
    let user = json!({
        "type": "adGroup",
        "tenantId": stage.emulator.tenant_id(),
        "objectId": group,
        "roles": [{"role": OPERATOR}],
    });
    stage.owner.put("/users/group", &user).await.expect(200);
    for (name, groups, status) in [("eve", json!([group]), 200), ("mallory", json!([]), 403)] {
        let user_name = format!("{name}@contoso.example");
        let body = json!({"userName": user_name, "groups": groups});
        let (made, text) = tell(&stage, "/users", body).await;
        let shown: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((made, &shown["groups"]), (200, &groups), "{text}");
        let person = stage.owner.as_whom(&stage.signed_in(&user_name).await);
        person.get("/devices").await.expect(status);
    }
}
