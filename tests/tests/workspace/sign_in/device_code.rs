//! People who sign in on another device. The clock is paused, so polls wait for
//! nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use twinkit_auth::{AuthErrorKind, Credential, DeviceCode};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{NATIVE_CLIENT_ID, TENANT_ID, USER_NAME, USER_OBJECT_ID};

use super::browser::Form;
use super::support::{at, reach_twins, refused, token_requests, twins};

/// A credential, and the codes that it shows.
fn shown(emulator: &Emulator) -> (Credential, UnboundedReceiver<DeviceCode>) {
    let (sender, codes) = unbounded_channel();
    let builder = Credential::device_code(TENANT_ID, NATIVE_CLIENT_ID, move |code| {
        sender.send(code.clone()).unwrap();
    });
    (at(emulator, builder).build().unwrap(), codes)
}

#[tokio::test(start_paused = true)]
async fn the_device_waits_until_the_person_has_approved() {
    let emulator = Arc::new(Emulator::start().await.unwrap());
    let (credential, mut codes) = shown(&emulator);
    let person = tokio::spawn({
        let emulator = Arc::clone(&emulator);
        async move {
            let code = codes.recv().await.unwrap();
            assert!(code.message.contains(&code.user_code));
            assert!(code.verification_uri.starts_with(emulator.authority_url()));
            tokio::time::sleep(Duration::from_secs(62)).await;
            assert!(emulator.approve_device(&code.user_code, USER_NAME));
            assert!(codes.try_recv().is_err(), "one code for all");
        }
    });
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let credential = credential.clone();
            tokio::spawn(async move { credential.token(&twins()).await.map(drop) })
        })
        .collect();
    // A person takes longer than a call may, so the token is had before it.
    credential.token(&twins()).await.unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], USER_OBJECT_ID);
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    person.await.unwrap();
    assert_eq!(token_requests(&emulator), 13, "every five seconds, the first one too");
}

#[tokio::test(start_paused = true)]
async fn a_person_may_enter_the_code_at_the_page() {
    let emulator = Emulator::start().await.unwrap();
    let (credential, mut codes) = shown(&emulator);
    let person = tokio::spawn(async move {
        let code = codes.recv().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let page = http.get(&code.verification_uri).send().await.unwrap().text().await.unwrap();
        let mut fields = Form::on(&page).unwrap().fields;
        fields.insert("user_code".to_owned(), code.user_code.clone());
        let who = http.post(&code.verification_uri).form(&fields).send().await.unwrap();
        fields = Form::on(&who.text().await.unwrap()).unwrap().fields;
        fields.insert("decision".to_owned(), "accept".to_owned());
        let done = http.post(&code.verification_uri).form(&fields).send().await.unwrap();
        assert_eq!(done.status(), 200);
    });
    let token = credential.token(&twins()).await.unwrap();
    person.await.unwrap();
    assert!(token.expires_at() > std::time::SystemTime::now());
}

#[tokio::test(start_paused = true)]
async fn who_declines_has_denied() {
    let emulator = Emulator::start().await.unwrap();
    let (credential, mut codes) = shown(&emulator);
    let (error, ()) = tokio::join!(refused(&credential), async {
        let code = codes.recv().await.unwrap();
        assert!(emulator.decline_device(&code.user_code));
    });
    assert_eq!(error.kind(), AuthErrorKind::Denied, "{error}");
    assert!(error.hint().unwrap().contains("the person declined"), "{error}");
    assert_eq!(token_requests(&emulator), 1);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_enters_expires() {
    let emulator = Emulator::start().await.unwrap();
    let (credential, mut codes) = shown(&emulator);
    let error = refused(&credential).await;
    assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
    let old = codes.recv().await.unwrap();
    assert!(!emulator.approve_device(&old.user_code, USER_NAME), "the service has let go too");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let (token, ()) = tokio::join!(async { credential.token(&twins()).await }, async {
        let code = codes.recv().await.unwrap();
        assert!(emulator.approve_device(&code.user_code, USER_NAME));
    });
    assert!(token.is_ok(), "a later caller is shown a new code");
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_clock_runs_ahead_ends_the_wait() {
    let emulator = Emulator::start().await.unwrap();
    let (credential, mut codes) = shown(&emulator);
    let (error, ()) = tokio::join!(refused(&credential), async {
        codes.recv().await.unwrap();
        emulator.clock().advance(Duration::from_secs(901));
    });
    assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
    assert_eq!(token_requests(&emulator), 1);
}

#[tokio::test(start_paused = true)]
async fn polls_survive_what_breaks_meanwhile() {
    let emulator = Emulator::start().await.unwrap();
    let (credential, mut codes) = shown(&emulator);
    let (token, ()) = tokio::join!(async { credential.token(&twins()).await }, async {
        let code = codes.recv().await.unwrap();
        for fault in [Fault::status(503), Fault::reset(), Fault::html_bad_gateway()] {
            emulator.faults().next(fault.on("identity"));
        }
        assert!(emulator.approve_device(&code.user_code, USER_NAME));
    });
    token.unwrap();
    assert_eq!(token_requests(&emulator), 4);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_blocks_the_flow_is_told() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().block_device_flow(true);
    let (credential, mut codes) = shown(&emulator);
    let (error, ()) = tokio::join!(refused(&credential), async {
        if let Some(code) = codes.recv().await {
            assert!(emulator.approve_device(&code.user_code, USER_NAME));
        }
    });
    assert_eq!(error.codes(), [53_003], "{error}");
    assert!(error.hint().unwrap().contains("conditional access"), "{error}");
}
