//! Long-lived tokens for clients that handle claims challenges.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{CLIENT_ID, CLIENT_SECRET},
};

use crate::support::{ask, changed, claims, client, models, sign_in};

const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;

const FIELDS: [(&str, &str); 5] = [
    ("grant_type", "client_credentials"),
    ("client_id", CLIENT_ID),
    ("client_secret", CLIENT_SECRET),
    ("scope", "https://digitaltwins.azure.net/.default"),
    ("claims", CP1),
];

#[tokio::test]
async fn they_live_for_28_hours() {
    let emulator = Emulator::start().await.unwrap();
    let (_, body) = ask(&emulator, &FIELDS).await;
    assert_eq!(body["expires_in"], json!(28 * 3600));
    assert_eq!(body["refresh_in"], json!(14 * 3600));
    assert_eq!(claims(&body["access_token"])["xms_cc"], json!(["CP1"]));
    emulator.clock().advance(Duration::from_secs(27 * 3600));
    assert_eq!(models(&emulator, &body["access_token"]).await, 200);
}

#[tokio::test]
async fn a_revoked_one_is_answered_with_a_claims_challenge() {
    let emulator = Emulator::start().await.unwrap();
    let (_, long) = ask(&emulator, &FIELDS).await;
    let (_, short) = ask(&emulator, &changed(&FIELDS, &[("claims", "")])).await;
    emulator.directory().revoke_tokens();
    let url = format!("{}/models?api-version=2023-10-31", emulator.digital_twins_url());
    let send = async |token: &Value| {
        client().get(&url).bearer_auth(token.as_str().unwrap()).send().await.unwrap()
    };
    let plain = send(&short["access_token"]).await;
    assert_eq!((plain.status().as_u16(), plain.headers().get("www-authenticate")), (401, None));
    let refused = send(&long["access_token"]).await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let (_, encoded) = challenge.split_once("claims=\"").unwrap();
    let decoded = STANDARD.decode(encoded.trim_end_matches('"')).unwrap();
    let mut claims: Value = serde_json::from_slice(&decoded).unwrap();
    assert_eq!(claims["access_token"]["nbf"]["essential"], true);
    claims["access_token"]["xms_cc"] = json!({"values": ["CP1"]});
    let claims = claims.to_string();
    let (_, fresh) = ask(&emulator, &changed(&FIELDS, &[("claims", &claims)])).await;
    assert_eq!(models(&emulator, &fresh["access_token"]).await, 200);
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
