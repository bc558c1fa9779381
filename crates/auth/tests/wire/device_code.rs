//! Sign-in on another device over the wire. The waits between polls are tested
//! in `src/oauth/device.rs`, on a stopped clock.

use std::sync::{Arc, Mutex};

use crate::support::all_texts;
use crate::support::{Server, Traces, field, json, request, token_with};
use twinkit_auth::{AuthErrorKind, Credential, DeviceCode, DeviceCodeBuilder, ExposeSecret};

const BEGUN: &str = r#"{"device_code":"canary-device","user_code":"AB12CD","expires_in":900,
    "verification_uri":"https://login.example/device","interval":1,
    "message":"To sign in, go there and enter AB12CD"}"#;

fn builder(server: &Server) -> (DeviceCodeBuilder, Arc<Mutex<Vec<DeviceCode>>>) {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let board = Arc::clone(&shown);
    let show = move |code: &DeviceCode| board.lock().unwrap().push(code.clone());
    let builder = Credential::device_code("organizations", "app-id", show);
    (builder.authority(server.url.clone()), shown)
}

#[tokio::test]
async fn the_requests_are_the_documented_ones() {
    // A code that stands in the answers too, which are understood nevertheless.
    let begun = BEGUN.replace("canary-device", "pending");
    let pending = r#"{"error":"authorization_pending","error_codes":[70016]}"#;
    let server = Server::start([
        json("200 OK", &begun),
        json("400 Bad Request", pending),
        token_with("t", r#""refresh_token":"r-1""#),
    ])
    .await;
    let (builder, shown) = builder(&server);
    let credential = builder.build().unwrap();
    let token = credential.token(&request()).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "t");
    let scope = "https%3A%2F%2Fdigitaltwins.azure.net%2F.default+openid+profile+offline_access";
    let sent = server.requests();
    let (head, body) = sent[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /organizations/oauth2/v2.0/devicecode HTTP/1.1\r\n"));
    assert_eq!(body, format!("scope={scope}&client_id=app-id"));
    for poll in &sent[1..3] {
        let (head, body) = poll.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /organizations/oauth2/v2.0/token HTTP/1.1\r\n"));
        assert_eq!(
            body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
             &device_code=pending&client_id=app-id"
        );
    }
    let codes: Vec<_> = shown.lock().unwrap().iter().map(|code| code.user_code.clone()).collect();
    assert_eq!(codes, ["AB12CD"]);
    credential.token(&request().with_force_refresh()).await.unwrap();
    assert_eq!(field(&server.requests()[3], "refresh_token"), "r-1");
}

#[tokio::test]
async fn a_challenge_goes_to_where_the_person_signs_in() {
    let server =
        Server::start([json("200 OK", BEGUN), token_with("t", r#""refresh_token":"r-1""#)]).await;
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let asking = request().with_claims(claims).unwrap();
    builder(&server).0.build().unwrap().token(&asking).await.unwrap();
    for sent in &server.requests()[..2] {
        assert!(field(sent, "claims").contains("acrs"), "{sent}");
    }
}

#[tokio::test]
async fn the_device_code_is_never_shown() {
    let echo = r#"{"error":"access_denied","error_description":"AADSTS1: canary-device"}"#;
    for answer in [echo, "<html>canary-device", r#"{"error":"canary-device"}"#] {
        let (traces, _guard) = Traces::start();
        let server = Server::start([json("200 OK", BEGUN), json("400 Bad Request", answer)]).await;
        let (builder, shown) = builder(&server);
        let credential = builder.build().unwrap();
        let error = credential.token(&request()).await.unwrap_err();
        assert_eq!(field(&server.requests()[1], "device_code"), "canary-device");
        let texts = all_texts(&error) + &traces.text() + &format!("{credential:?}{shown:?}");
        assert!(!texts.contains("canary") && !texts.contains("AB12CD"), "{texts}");
    }
}

#[tokio::test]
async fn a_service_without_the_flow_is_told_and_nothing_is_shown() {
    let refused = r#"{"error":"invalid_client","error_description":"AADSTS7000218: no"}"#;
    let server = Server::start([json("401 Unauthorized", refused)]).await;
    let (builder, shown) = builder(&server);
    let error = builder.build().unwrap().token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.codes()), (AuthErrorKind::Rejected, &[7_000_218][..]));
    assert!(shown.lock().unwrap().is_empty());
    let (silent, shown) = self::builder(&server);
    let error = silent.without_interaction().build().unwrap().token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert!(shown.lock().unwrap().is_empty());
}
