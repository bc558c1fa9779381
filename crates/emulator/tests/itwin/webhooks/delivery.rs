//! What a callback is sent, and over what.

use std::sync::Arc;

use reqwest::Method;
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;
use twinkit_emulator::{Emulator, itwin::Config};

use super::{Callback, SECRET, active};
use crate::support::{Stage, client};

const KIND: &str = "iModels.namedVersionCreated.v1";

/// Sends an event over the control endpoint; answers the status.
async fn send(stage: &Stage, body: &Value) -> u16 {
    let url = format!("{}/itwin/events", stage.emulator.control_url());
    client().post(url).body(body.to_string()).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_message_is_signed_over_its_bytes() {
    let stage = Stage::new().await;
    let itwin = stage.service.new_itwin("A").await;
    let mut callback = Callback::new().await;
    let path = active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    let content = json!({"imodelId": "1", "versionId": "2", "changesetIndex": "3", "é": null});
    let event = json!({"eventType": KIND, "iTwinId": itwin.to_uppercase(), "content": content});
    assert_eq!(send(&stage, &event).await, 204);
    let first = callback.next().await;
    assert_eq!((&first.method, first.target.as_str()), (&Method::POST, "/hook?a=b%2Fc"));
    assert_eq!(first.headers["content-type"], "application/json");
    assert!(first.headers.get("authorization").is_none());
    assert!(callback.url.contains(first.headers["host"].to_str().unwrap()));
    first.signed_with(SECRET);
    let message = first.json();
    assert_eq!((&message["content"], &message["eventType"]), (&content, &json!(KIND)));
    assert_eq!(message["iTwinId"], json!(itwin));
    assert!(path.ends_with(message["webhookId"].as_str().unwrap()));
    let time = message["enqueuedDateTime"].as_str().unwrap();
    assert!(time.ends_with("AM") || time.ends_with("PM"), "{time}");

    // The same event is another message.
    let other = SECRET.to_uppercase();
    stage.service.version(2).patch(&path, &json!({"secret": other})).await.expect(200);
    assert_eq!(send(&stage, &event).await, 204);
    let second = callback.next().await;
    second.signed_with(&other);
    assert_ne!(second.json()["messageId"], message["messageId"]);
}

#[tokio::test]
async fn nobody_is_told_what_they_did_not_ask_for() {
    let stage = Stage::new().await;
    let itwin = stage.service.new_itwin("A").await;
    let other = stage.service.new_itwin("B").await;
    let mut callback = Callback::new().await;
    let path = active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    let event = |kind: &str, itwin: &str, mark: u32| json!({"eventType": kind, "iTwinId": itwin, "content": {"mark": mark}});
    for unwanted in [event("iModels.iModelCreated.v1", &itwin, 1), event(KIND, &other, 2)] {
        assert_eq!(send(&stage, &unwanted).await, 204);
    }
    assert_eq!(send(&stage, &event(KIND, &itwin, 3)).await, 204);
    assert_eq!(callback.next().await.json()["content"]["mark"], 3);
    let service = stage.service.version(2);
    service.patch(&path, &json!({"active": false})).await.expect(200);
    // A second webhook shows that the event was on its way.
    let mut witness = Callback::new().await;
    active(&stage.service, &itwin, &witness.url, &[KIND]).await;
    assert_eq!(send(&stage, &event(KIND, &itwin, 4)).await, 204);
    assert_eq!(witness.next().await.json()["content"]["mark"], 4);
    service.patch(&path, &json!({"active": true})).await.expect(200);
    assert_eq!(send(&stage, &event(KIND, &itwin, 5)).await, 204);
    assert_eq!(callback.next().await.json()["content"]["mark"], 5);
}

#[tokio::test]
async fn mistakes_with_the_control_endpoint_are_told() {
    let stage = Stage::new().await;
    let event = json!({"eventType": KIND, "iTwinId": crate::support::MISSING});
    assert_eq!(send(&stage, &event).await, 404);
    assert_eq!(send(&stage, &json!({"eventType": KIND})).await, 400);
    assert!(!stage.emulator.itwin().send_event(KIND, "x", Value::Null));
}

/// A certificate for `localhost`, and whoever answers with it.
fn certified() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn a_callback_with_a_trusted_certificate_is_told() {
    let (pem, trusted) = certified();
    let (_, other) = certified();
    let (mut trusted, other) =
        (Callback::with(Some(trusted)).await, Callback::with(Some(other)).await);
    let config = Config { callback_roots: vec![pem], ..Config::default() };
    let stage = Stage::with(Emulator::builder().itwin(config)).await;
    let itwin = stage.service.new_itwin("A").await;
    active(&stage.service, &itwin, &other.url, &[KIND]).await;
    active(&stage.service, &itwin, &trusted.url, &[KIND]).await;
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({})));
    let arrived = trusted.next().await;
    arrived.signed_with(SECRET);
    let mut other = other;
    assert!(other.arrived.try_recv().is_err());
}

#[tokio::test]
async fn roots_that_are_none_are_refused_at_start() {
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
    let config = Config { callback_roots: vec![pem], ..Config::default() };
    Emulator::builder().itwin(config).start().await.unwrap_err();
}
