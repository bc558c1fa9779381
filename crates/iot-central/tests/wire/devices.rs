//! Registering devices, their templates and keys, and waiting for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use twinkit_iot_central::ErrorKind;

use crate::support::{Server, list, refusal};

/// An application with one template, whose model has another id.
async fn application() -> Server {
    Server::start(|seen| match seen.line.as_str() {
        "GET /api/deviceTemplates/dtmi:a:template;1" => (200, json!({"@id": "dtmi:a:template;1"})),
        "GET /api/deviceTemplates" => list(json!([
            {"@id": "dtmi:b:template;1"}, 7,
            {"@id": "dtmi:a:template;1", "capabilityModel": {"@id": "dtmi:a:model;1"}},
        ])),
        line if line.starts_with("PUT /api/devices/") => {
            let mut device = seen.body.clone();
            device["provisioned"] = json!(false);
            (200, device)
        }
        _ => refusal(404, "NotFound"),
    })
    .await
}

#[tokio::test]
async fn a_device_is_registered_with_a_template_that_is_one() {
    let server = application().await;
    let client = server.client();
    let device = client.register_device("pump-1").display_name("A").template("dtmi:a:template;1");
    let device = device.simulated(true).organization("seattle").enabled(true).send().await.unwrap();
    assert_eq!(device.provisioned, Some(false));
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.line, "PUT /api/devices/pump-1");
    assert_eq!(
        seen.body,
        json!({"displayName": "A", "template": "dtmi:a:template;1", "simulated": true,
               "enabled": true, "organizations": ["seattle"]})
    );
    assert_eq!(server.lines().len(), 2, "one look, one call");
    client.register_device("c").send().await.unwrap();
    assert_eq!(server.seen().pop().unwrap().body, json!({}));
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn ids_that_the_platform_does_not_take_are_refused_before_sending() {
    let server = application().await;
    let client = server.client();
    for (registration, said) in [
        (client.register_device("a/b"), "no device id"),
        (client.register_device("pump_1"), "no device id"),
        (client.register_device("x".repeat(129)), "at most 128"),
        (client.register_device("pump-1").organization("Seattle"), "no organization id"),
        (client.register_device("pump-1").organization("s"), "no organization id"),
    ] {
        let error = registration.template("dtmi:a:template;1").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(server.lines().is_empty());
    // The generated call leaves it to the service.
    let body = twinkit_iot_central::types::Device::default();
    client.create_device().device_id("a/b").body(body).send().await.unwrap();
    assert_eq!(server.lines(), ["PUT /api/devices/a%2Fb"]);
}

#[tokio::test]
async fn a_refused_device_is_told_the_rules_of_ids_and_templates() {
    let server = Server::start(|_| refusal(400, "BadRequest")).await;
    let error = server.client().register_device("pump-1").send().await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.contains("letters, digits and hyphens") && hint.contains("if one is"), "{hint}");
}

#[tokio::test]
async fn a_capability_model_is_no_template() {
    let server = application().await;
    let client = server.client();
    let error = client.register_device("a").template("dtmi:a:model;1").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("is a capability model"), "{error}");
    assert!(error.hint().unwrap().ends_with("dtmi:a:template;1"), "{:?}", error.hint());
    assert!(server.lines().iter().all(|line| line.starts_with("GET ")));
    // What is not known here the service may know.
    client.check_device_template("dtmi:new;1").await.unwrap();
    let count = server.lines().len();
    let unchecked = client.register_device("a").template("dtmi:a:model;1").check_template(false);
    unchecked.send().await.unwrap();
    assert_eq!(server.lines().len(), count + 1);
}

#[tokio::test(start_paused = true)]
async fn provisioning_is_waited_for_and_a_blocked_device_is_not() {
    let looks = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        let blocked = seen.line.ends_with("blocked");
        let done = looks.fetch_add(1, Ordering::SeqCst) >= 2;
        (200, json!({"id": "a", "template": "dtmi:a;1", "enabled": !blocked, "provisioned": done}))
    })
    .await;
    let client = server.client();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let wait =
        client.wait_until_provisioned("a").every(Duration::from_secs(10), Duration::from_secs(10));
    let device =
        wait.on_look(move |device| kept.lock().unwrap().push(device.provisioned)).wait().await;
    assert_eq!(device.unwrap().provisioned, Some(true));
    assert_eq!(*seen.lock().unwrap(), [Some(false), Some(false), Some(true)]);
    let error = client.wait_until_provisioned("blocked").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert!(error.hint().unwrap().contains("enabled"), "{:?}", error.hint());
    let error = client.wait_until_provisioned("").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let server = Server::start(|_| (200, json!({"provisioned": false}))).await;
    let wait = server.client();
    let wait = wait.wait_until_provisioned("a").deadline(Duration::from_secs(60)).wait();
    assert!(wait.await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn keys_travel_and_are_not_shown() {
    let server = Server::start(|seen| (200, seen.body.clone())).await;
    let client = server.client();
    client.set_device_keys("a", "Y2FuYXJ5", "c2Vjb25kYXJ5").await.unwrap();
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.line, "PUT /api/devices/a/attestation");
    assert_eq!(
        seen.body,
        json!({"type": "symmetricKey",
               "symmetricKey": {"primaryKey": "Y2FuYXJ5", "secondaryKey": "c2Vjb25kYXJ5"}})
    );
    let error = client.set_device_keys("a", "canary!", "c2Vjb25kYXJ5").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn what_is_unknown_goes_through_unchanged() {
    // An attestation of a kind that is not known here, read and put elsewhere.
    let attestation = json!({"type": "quantum", "entangled": {"with": [1.50, null]}});
    let stored = attestation.clone();
    let server = Server::start(move |seen| match seen.line.starts_with("GET") {
        true => (200, stored.clone()),
        false => (200, seen.body.clone()),
    })
    .await;
    let client = server.client();
    let read = client.get_device_attestation().device_id("a").send().await.unwrap().into_inner();
    assert_eq!(read.kind(), "quantum");
    client.create_device_attestation().device_id("b").body(read).send().await.unwrap();
    assert_eq!(server.seen().pop().unwrap().body, attestation);
    assert_ne!(attestation, Value::Null);
}
