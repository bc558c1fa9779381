//! Token endpoints that fail in every way that networks and gateways do.

use std::time::Duration;

use serde_json::{Map, json};
use twinkit_auth::{AuthErrorKind, Credential};
use twinkit_digital_twins::{CallOptions, ErrorKind};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::{Fault, RetryAfter};
use twinkit_emulator::identity::OBJECT_ID;
use twinkit_tests::support::recorder::{Canned, Recorder};
use twinkit_tests::support::stage;

use super::support::{
    auth_error, client, list_models, reach_twins, refused, requests, token_requests, twins,
};

fn members(expires_in: serde_json::Value) -> Fault {
    Fault::set_members(Map::from_iter([("expires_in".to_owned(), expires_in)]))
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_survived() {
    for (name, fault, expected) in [
        ("503 twice", Fault::status(503).times(2), 3),
        ("502 in HTML twice", Fault::html_bad_gateway().times(2), 3),
        ("429 with a wait", Fault::status(429).retry_after_secs(20), 2),
        ("503 with a date", Fault::status(503).retry_after(RetryAfter::DateIn(20)), 2),
        ("reset twice", Fault::reset().times(2), 3),
        ("answer lost", Fault::lose_answer(), 2),
        ("answer cut off", Fault::truncate(40), 2),
        ("no answer in time", Fault::delay(Duration::from_secs(40)), 2),
        ("slow answer", Fault::delay(Duration::from_secs(20)), 1),
        ("expiry as a string", members(json!("3599")), 1),
    ] {
        let emulator = Emulator::start().await.unwrap();
        emulator.faults().next(fault.on("identity"));
        let credential = stage::credential(&emulator).unwrap();
        assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID, "{name}");
        assert_eq!(token_requests(&emulator), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_told_after_few_attempts() {
    let html = "<html>Sign in to the guest network</html>";
    for (name, fault, kind, attempts) in [
        ("503", Fault::status(503), AuthErrorKind::Transient, 3),
        ("reset", Fault::reset(), AuthErrorKind::Transient, 3),
        ("long wait", Fault::status(429).retry_after_secs(3600), AuthErrorKind::Transient, 1),
        ("silence", Fault::delay(Duration::from_secs(400)), AuthErrorKind::Timeout, 3),
        ("captive portal", Fault::answer(200, "text/html", html), AuthErrorKind::Protocol, 1),
        ("nothing", Fault::answer(200, "application/json", ""), AuthErrorKind::Protocol, 1),
        ("half", Fault::answer(200, "application/json", "{\"acc"), AuthErrorKind::Protocol, 1),
        ("flood", Fault::huge_body(64 * 1024 * 1024), AuthErrorKind::Protocol, 1),
        ("dead on arrival", members(json!(0)), AuthErrorKind::Protocol, 1),
        ("no number", members(json!("soon")), AuthErrorKind::Protocol, 1),
    ] {
        let emulator = Emulator::start().await.unwrap();
        emulator.faults().next(fault.on("identity").always());
        let credential = stage::credential(&emulator).unwrap();
        let error = refused(&credential).await;
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert_eq!(token_requests(&emulator), attempts, "{name}: {error}");
        let again = refused(&credential).await;
        assert!(again.is_remembered(), "{name}: {again}");
        assert_eq!(token_requests(&emulator), attempts, "{name}: no storm");
        emulator.faults().clear();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID, "{name}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_secret() {
    let emulator = Emulator::start().await.unwrap();
    let (gateway, stranger) = (Recorder::start().await.unwrap(), Recorder::start().await.unwrap());
    for status in [302, 307, 308] {
        gateway.answer_with(Canned {
            status,
            headers: vec![("location".to_owned(), format!("{}/token?canary", stranger.url()))],
            content: None,
        });
        let credential = Credential::client_secret(
            emulator.tenant_id(),
            emulator.client_id(),
            emulator.client_secret(),
        )
        .authority(gateway.url())
        .build()
        .unwrap();
        let error = refused(&credential).await;
        assert_eq!(error.kind(), AuthErrorKind::Protocol, "{error}");
        assert!(error.to_string().contains(stranger.url()), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
        assert_eq!(gateway.take().len(), 1);
        assert!(stranger.take().is_empty());
    }
}

#[tokio::test]
async fn fifty_callers_cause_one_request_and_share_its_failure() {
    let emulator = Emulator::start().await.unwrap();
    let hint = Fault::status(429).retry_after_secs(3600);
    emulator.faults().next(hint.on("identity").delayed(Duration::from_millis(50)));
    let credential = stage::credential(&emulator).unwrap();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let client = client(&emulator, credential.clone());
            tokio::spawn(async move {
                let client = client.with_options(CallOptions::new().no_retry());
                list_models(&client).await
            })
        })
        .collect();
    for caller in callers {
        let error = caller.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert_eq!(auth_error(&error).retry_after(), Some(Duration::from_secs(3600)), "{error}");
    }
    assert_eq!(token_requests(&emulator), 1);
    assert_eq!(requests(&emulator, "digital-twins", "/models"), 0, "nothing went without a token");
}

#[tokio::test(start_paused = true)]
async fn a_good_token_is_used_on_while_the_service_is_down() {
    let emulator = Emulator::start().await.unwrap();
    let credential = stage::credential(&emulator).unwrap();
    reach_twins(&emulator, &credential).await;
    emulator.faults().next(Fault::status(503).on("identity").always());
    // Within the last five minutes, when a new one is fetched ahead.
    tokio::time::sleep(Duration::from_secs(3599 - 120)).await;
    for _ in 0..10 {
        credential.token(&twins()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert!(token_requests(&emulator) > 1, "it was tried");
    emulator.faults().clear();
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
}
