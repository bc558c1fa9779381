//! People who sign in in a browser on this machine.

use twinkit_auth::{AuthErrorKind, Credential, InteractiveBuilder, Prompt, ResponseMode};
use twinkit_digital_twins::ErrorKind;
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{
    Application, GUEST_NAME, GUEST_OBJECT_ID, NATIVE_CLIENT_ID, NATIVE_REDIRECT_URIS,
    TENANT_DOMAIN, TENANT_ID, USER_NAME, USER_OBJECT_ID,
};

use super::browser::{Browser, Person};
use super::support::{at, client, list_models, reach_twins, refused, token_requests, twins};

fn with(emulator: &Emulator, browser: &Browser) -> InteractiveBuilder {
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID);
    at(emulator, builder.open_with(browser.opener()))
}

#[tokio::test]
async fn a_person_reaches_the_data_plane_by_query_and_by_form_post() {
    let emulator = Emulator::start().await.unwrap();
    for mode in [ResponseMode::FormPost, ResponseMode::Query] {
        for person in [Person::Known(USER_NAME), Person::Accepts] {
            let browser = Browser::of(person);
            let session = with(&emulator, &browser)
                .response_mode(mode)
                .login_hint(USER_NAME)
                .session()
                .unwrap();
            let claims = reach_twins(&emulator, &session.credential()).await;
            assert_eq!(claims["oid"], USER_OBJECT_ID, "{mode:?} {person:?}");
            assert_eq!(claims["scp"], "Read.Write");
            let account = session.account().await.unwrap().unwrap();
            assert_eq!(account.username.as_deref(), Some(USER_NAME));
            assert_eq!(account.id.as_deref(), Some(USER_OBJECT_ID));
            assert_eq!(browser.visits(), 1);
        }
    }
}

#[tokio::test]
async fn the_tenant_may_be_known_only_by_the_account() {
    let emulator = Emulator::start().await.unwrap();
    for tenant in ["organizations", "common", TENANT_DOMAIN] {
        let browser = Browser::of(Person::Known(USER_NAME));
        let builder = Credential::interactive(tenant, NATIVE_CLIENT_ID);
        let credential = at(&emulator, builder.open_with(browser.opener())).build().unwrap();
        assert_eq!(reach_twins(&emulator, &credential).await["oid"], USER_OBJECT_ID, "{tenant}");
    }
}

#[tokio::test]
async fn one_browser_opens_for_all_callers() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Known(USER_NAME));
    let credential = with(&emulator, &browser).build().unwrap();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let credential = credential.clone();
            tokio::spawn(async move { credential.token(&twins()).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!((browser.visits(), token_requests(&emulator)), (1, 1));
}

#[tokio::test]
async fn who_cancels_has_denied() {
    let emulator = Emulator::start().await.unwrap();
    for mode in [ResponseMode::FormPost, ResponseMode::Query] {
        let browser = Browser::of(Person::Cancels);
        let credential = with(&emulator, &browser).response_mode(mode).build().unwrap();
        let error = refused(&credential).await;
        assert_eq!(error.kind(), AuthErrorKind::Denied, "{error}");
        assert!(error.codes().contains(&65_004) && error.hint().is_some(), "{error}");
        assert_eq!(token_requests(&emulator), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_is_not_waited_for_for_ever() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Leaves);
    let error = refused(&with(&emulator, &browser).build().unwrap()).await;
    assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
    assert_eq!(browser.visits(), 1);
}

#[tokio::test]
async fn a_page_that_must_not_ask_says_that_it_would_have_to() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Accepts);
    let silent = || with(&emulator, &browser).prompt(Prompt::None).build().unwrap();
    let error = refused(&silent()).await;
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert_eq!(error.error(), Some("login_required"), "{error}");
    emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
    assert_eq!(reach_twins(&emulator, &silent()).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn consent_is_given_at_the_page_and_missed_without_one() {
    let emulator = Emulator::start().await.unwrap();
    let mut application = Application::public(&NATIVE_REDIRECT_URIS);
    application.requires_consent = true;
    let id = application.client_id.clone();
    emulator.directory().add_application(application).unwrap();
    emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
    let browser = Browser::of(Person::Accepts);
    let builder = || {
        let builder = Credential::interactive(TENANT_ID, &id).open_with(browser.opener());
        at(&emulator, builder)
    };
    let error = refused(&builder().prompt(Prompt::None).build().unwrap()).await;
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(error.hint().unwrap().contains("consent is missing"), "{error}");
    emulator.directory().sign_in_automatically(None).unwrap();
    let credential = builder().login_hint(USER_NAME).build().unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn a_person_without_a_role_is_signed_in_but_not_let_in() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Known(GUEST_NAME));
    let session = with(&emulator, &browser).session().unwrap();
    let error = list_models(&client(&emulator, session.credential())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().map(|status| status.as_u16())),
        (ErrorKind::Denied, Some(403))
    );
    assert!(error.hint().unwrap().contains("role"), "{error}");
    let account = session.account().await.unwrap().unwrap();
    assert_eq!(account.id.as_deref(), Some(GUEST_OBJECT_ID));
}

#[tokio::test]
async fn another_person_can_take_over_and_signing_out_forgets_them() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
    let browser = Browser::of(Person::Leaves);
    let session = with(&emulator, &browser).without_interaction().session().unwrap();
    assert_eq!(refused(&session.credential()).await.kind(), AuthErrorKind::InteractionRequired);
    assert_eq!(browser.visits(), 0);
    let account = session.sign_in(&twins()).await.unwrap().unwrap();
    assert_eq!(account.username.as_deref(), Some(USER_NAME));
    assert_eq!(reach_twins(&emulator, &session.credential()).await["oid"], USER_OBJECT_ID);
    emulator.directory().sign_in_automatically(Some(GUEST_NAME)).unwrap();
    session.sign_in(&twins()).await.unwrap();
    let token = session.credential().token(&twins()).await.unwrap();
    assert_eq!(super::support::claims(&token)["oid"], GUEST_OBJECT_ID);
    session.sign_out().await.unwrap();
    assert!(!session.is_signed_in().await.unwrap());
    assert_eq!(refused(&session.credential()).await.kind(), AuthErrorKind::InteractionRequired);
}

#[tokio::test]
async fn a_sign_in_outlives_a_token_endpoint_that_breaks_meanwhile() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().next(Fault::status(503).retry_after_secs(0).on("identity").after(1));
    let browser = Browser::of(Person::Known(USER_NAME));
    let credential = with(&emulator, &browser).build().unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], USER_OBJECT_ID);
    assert_eq!((browser.visits(), token_requests(&emulator)), (1, 2));
}
