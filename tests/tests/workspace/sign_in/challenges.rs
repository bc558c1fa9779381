//! Continuous access evaluation: long-lived tokens that are revoked, and the
//! claims challenges by which the service says so.

use std::sync::Arc;

use twinkit_auth::{
    AuthErrorKind, BearerAuthorizer, Credential, Origin, TokenRequest, UserSession,
};
use twinkit_digital_twins::{Client, Error, ErrorKind};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{NATIVE_CLIENT_ID, TENANT_ID, USER_NAME};
use twinkit_tests::support::stage;

use super::browser::{Browser, Person};
use super::support::{at, auth_error, claims, list_models, token_requests, twins};

const TWINS: &str = "https://digitaltwins.azure.net";

/// A client that says that it answers challenges.
fn evaluated(emulator: &Emulator, credential: Credential) -> Client {
    let origin = Origin::parse(emulator.digital_twins_url()).unwrap();
    let request = twins().with_cae();
    let authorizer = BearerAuthorizer::for_request(credential.clone(), request, origin);
    let builder = Client::builder(emulator.digital_twins_url(), credential);
    builder.authorizer(Arc::new(authorizer)).build().unwrap()
}

/// What the instance answered so far.
fn statuses(emulator: &Emulator) -> Vec<Option<u16>> {
    let log = emulator.requests().list();
    log.iter().filter(|sent| sent.service == "digital-twins").map(|sent| sent.status).collect()
}

fn person(emulator: &Emulator) -> UserSession {
    let browser = Browser::of(Person::Known(USER_NAME));
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).open_with(browser.opener());
    at(emulator, builder).without_interaction().session().unwrap()
}

#[tokio::test]
async fn a_revoked_token_is_replaced_without_the_caller_noticing() {
    let emulator = Emulator::start().await.unwrap();
    let credential = stage::credential(&emulator).unwrap();
    let client = evaluated(&emulator, credential.clone());
    list_models(&client).await.unwrap();
    let long = credential.token(&twins().with_cae()).await.unwrap();
    assert_eq!(claims(&long)["xms_cc"][0], "CP1");
    emulator.directory().revoke_tokens();
    list_models(&client).await.unwrap();
    assert_eq!(statuses(&emulator), [Some(200), Some(401), Some(200)]);
    assert_eq!(token_requests(&emulator), 2);
    list_models(&client).await.unwrap();
    assert_eq!(token_requests(&emulator), 2, "the new token serves later calls");
    let fresh = credential.token(&twins().with_cae()).await.unwrap();
    assert_eq!(claims(&fresh)["xms_cc"][0], "CP1", "it is a long one again");
}

#[tokio::test]
async fn many_callers_of_one_revoked_token_ask_for_one_new_one() {
    let emulator = Emulator::start().await.unwrap();
    let client = evaluated(&emulator, stage::credential(&emulator).unwrap());
    list_models(&client).await.unwrap();
    emulator.directory().revoke_tokens();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { list_models(&client).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(token_requests(&emulator), 2);
}

#[tokio::test]
async fn a_short_token_that_is_revoked_is_replaced_too() {
    let emulator = Emulator::start().await.unwrap();
    let stage = stage::Stage::on(emulator).unwrap();
    list_models(&stage.client).await.unwrap();
    stage.emulator.directory().revoke_tokens();
    list_models(&stage.client).await.unwrap();
    assert_eq!(statuses(&stage.emulator), [Some(200), Some(401), Some(200)]);
}

#[tokio::test]
async fn a_persons_token_is_replaced_by_their_refresh_token() {
    let emulator = Emulator::start().await.unwrap();
    let session = person(&emulator);
    session.sign_in(&twins().with_cae()).await.unwrap();
    let client = evaluated(&emulator, session.credential());
    list_models(&client).await.unwrap();
    emulator.directory().revoke_tokens();
    list_models(&client).await.unwrap();
    assert_eq!(statuses(&emulator), [Some(200), Some(401), Some(200)]);
}

#[tokio::test]
async fn where_a_person_is_needed_the_caller_gets_the_claims_and_they_help() {
    let emulator = Emulator::start().await.unwrap();
    let session = person(&emulator);
    session.sign_in(&twins().with_cae()).await.unwrap();
    let client = evaluated(&emulator, session.credential());
    list_models(&client).await.unwrap();
    emulator.directory().revoke_tokens();
    emulator.directory().require_interaction(TWINS, true).unwrap();
    let error: Error = list_models(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    let refusal = auth_error(&error);
    assert_eq!(refusal.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(session.is_signed_in().await.unwrap(), "the sign-in itself is good");
    let request: TokenRequest = twins().with_cae().with_claims(refusal.claims().unwrap()).unwrap();
    session.sign_in(&request).await.unwrap();
    list_models(&client).await.unwrap();
}

#[tokio::test]
async fn a_person_at_the_machine_answers_within_the_call() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Known(USER_NAME));
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).open_with(browser.opener());
    let client = evaluated(&emulator, at(&emulator, builder).build().unwrap());
    list_models(&client).await.unwrap();
    emulator.directory().revoke_tokens();
    emulator.directory().require_interaction(TWINS, true).unwrap();
    list_models(&client).await.unwrap();
    assert_eq!(browser.visits(), 2);
    assert_eq!(statuses(&emulator), [Some(200), Some(401), Some(200)]);
}

#[tokio::test(start_paused = true)]
async fn a_person_at_another_device_answers_there() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().use_refresh_tokens_once(true);
    let (sender, mut codes) = tokio::sync::mpsc::unbounded_channel();
    let builder = Credential::device_code(TENANT_ID, NATIVE_CLIENT_ID, move |code| {
        sender.send(code.user_code.clone()).unwrap();
    });
    let credential = at(&emulator, builder).build().unwrap();
    let step_up = r#"{"access_token":{"acrs":{"essential":true,"value":"c5"}}}"#;
    for (wanted, expected) in [
        (twins(), None),
        (twins().with_claims(step_up).unwrap(), Some("c5")),
        (twins().with_force_refresh(), Some("c5")),
    ] {
        let person = async {
            let code = codes.recv().await.unwrap();
            assert!(emulator.approve_device(&code, USER_NAME));
            std::future::pending::<()>().await;
        };
        let token = tokio::select! {
            token = credential.token(&wanted) => token.unwrap(),
            () = person => unreachable!(),
        };
        assert_eq!(claims(&token)["acrs"][0].as_str(), expected);
    }
    assert!(codes.try_recv().is_err(), "the person was asked twice");
}
