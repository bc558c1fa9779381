//! Long-lived tokens for clients that handle claims challenges.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::{
    Emulator,
    identity::{CLIENT_ID, CLIENT_SECRET},
};

use crate::support::{ask, claims, models, sign_in};

const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;

const FIELDS: [(&str, &str); 5] = [
    ("grant_type", "client_credentials"),
    ("client_id", CLIENT_ID),
    ("client_secret", CLIENT_SECRET),
    ("scope", "https://digitaltwins.azure.net/.default"),
    ("claims", CP1),
];

#[tokio::test]
async fn they_live_for_28_hours_and_can_be_revoked() {
    let emulator = Emulator::start().await.unwrap();
    let (_, body) = ask(&emulator, &FIELDS).await;
    assert_eq!(body["expires_in"], json!(28 * 3600));
    assert_eq!(body["refresh_in"], json!(14 * 3600));
    assert_eq!(claims(&body["access_token"])["xms_cc"], json!(["CP1"]));
    emulator.clock().advance(Duration::from_secs(27 * 3600));
    assert_eq!(models(&emulator, &body["access_token"]).await, 200);
    emulator.directory().revoke_tokens();
    assert_eq!(models(&emulator, &body["access_token"]).await, 401);
}

#[tokio::test]
async fn what_a_test_says_of_lifetimes_comes_first() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().shorten_next_tokens(1, Duration::from_secs(5));
    assert_eq!(ask(&emulator, &FIELDS).await.1["expires_in"], 5);
    emulator.directory().set_token_lifetime(Duration::from_secs(60));
    let (_, body) = ask(&emulator, &FIELDS).await;
    assert_eq!((&body["expires_in"], body.get("refresh_in")), (&json!(60), None));
}

#[tokio::test]
async fn a_sign_in_alone_does_not_make_them() {
    let emulator = Emulator::start().await.unwrap();
    let body = sign_in(&emulator, &[("claims", CP1)]).await;
    assert_eq!(body["expires_in"], 3599, "the capability stands in the token request");
}
