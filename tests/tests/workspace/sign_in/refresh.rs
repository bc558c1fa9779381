//! Sign-ins that go on: refresh tokens, their rotation, their end, and where
//! they are kept.

use std::sync::Arc;
use std::time::Duration;

use twinkit_auth::{
    AuthErrorKind, Credential, ExposeSecret as _, FileStore, MemoryStore, SecretString, StoreKey,
    TokenRequest, TokenStore, UserSession,
};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{NATIVE_CLIENT_ID, TENANT_ID, USER_NAME, USER_OBJECT_ID};

use super::browser::{Browser, Person};
use super::support::{at, reach_twins, refused, token_requests, twins};

const MINUTE: Duration = Duration::from_secs(60);

/// A session whose person is always ready to sign in; with the count of how
/// often they had to.
fn session(emulator: &Emulator, store: impl TokenStore + 'static) -> (UserSession, Browser) {
    let browser = Browser::of(Person::Known(USER_NAME));
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).open_with(browser.opener());
    (at(emulator, builder).store(store).session().unwrap(), browser)
}

/// The same without the person.
fn silent(emulator: &Emulator, store: impl TokenStore + 'static) -> UserSession {
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).without_interaction();
    at(emulator, builder).store(store).session().unwrap()
}

async fn start() -> Emulator {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().use_refresh_tokens_once(true);
    emulator
}

#[tokio::test(start_paused = true)]
async fn short_tokens_are_renewed_without_the_person() {
    let emulator = start().await;
    emulator.directory().set_token_lifetime(MINUTE);
    let (session, browser) = session(&emulator, MemoryStore::new());
    for round in 1..=6 {
        let claims = reach_twins(&emulator, &session.credential()).await;
        assert_eq!(claims["oid"], USER_OBJECT_ID);
        assert_eq!((browser.visits(), token_requests(&emulator)), (1, round));
        tokio::time::sleep(2 * MINUTE).await;
    }
}

#[tokio::test]
async fn fifty_callers_use_each_refresh_token_once() {
    let emulator = start().await;
    let (session, browser) = session(&emulator, MemoryStore::new());
    session.sign_in(&twins()).await.unwrap();
    let other = TokenRequest::new(["https://apps.azureiotcentral.com/.default"]).unwrap();
    emulator.requests().clear();
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let credential = session.credential();
            let wanted = if number % 2 == 0 { twins() } else { other.clone() };
            tokio::spawn(async move { credential.token(&wanted).await.map(drop) })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(token_requests(&emulator), 2, "one for each scope, one after the other");
    assert_eq!(browser.visits(), 1);
    assert_eq!(reach_twins(&emulator, &session.credential()).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn a_revoked_sign_in_needs_the_person_again() {
    let emulator = start().await;
    let store = MemoryStore::new();
    let (session, browser) = session(&emulator, store.clone());
    session.sign_in(&twins()).await.unwrap();
    emulator.directory().revoke_sign_ins(USER_NAME).unwrap();
    let quiet = silent(&emulator, store.clone());
    let error = refused(&quiet.credential()).await;
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(error.hint().unwrap().contains("sign in again"), "{error}");
    assert!(!quiet.is_signed_in().await.unwrap(), "what was refused is not kept");
    assert_eq!(reach_twins(&emulator, &session.credential()).await["oid"], USER_OBJECT_ID);
    assert_eq!(browser.visits(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_ends_no_sign_in() {
    let emulator = start().await;
    let store = MemoryStore::new();
    let (session, _) = session(&emulator, store.clone());
    session.sign_in(&twins()).await.unwrap();
    emulator.faults().next(Fault::status(503).on("identity").always());
    let quiet = silent(&emulator, store);
    let error = refused(&quiet.credential()).await;
    assert_eq!(error.kind(), AuthErrorKind::Transient, "{error}");
    assert!(quiet.is_signed_in().await.unwrap());
    emulator.faults().clear();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(reach_twins(&emulator, &quiet.credential()).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn a_file_carries_the_sign_in_to_another_session_and_back() {
    let emulator = start().await;
    let folder = tempfile::tempdir().unwrap();
    let store = || FileStore::new(folder.path().join("sign-ins"));
    let (first, browser) = session(&emulator, store());
    reach_twins(&emulator, &first.credential()).await;
    let second = silent(&emulator, store());
    assert_eq!(reach_twins(&emulator, &second.credential()).await["oid"], USER_OBJECT_ID);
    let account = second.account().await.unwrap().unwrap();
    assert_eq!(account.username.as_deref(), Some(USER_NAME));
    // Each uses the token that the other one saved.
    for session in [&first, &second, &first, &second] {
        session.credential().token(&twins().with_force_refresh()).await.unwrap();
    }
    assert_eq!(browser.visits(), 1);
    second.sign_out().await.unwrap();
    assert!(!first.is_signed_in().await.unwrap());
    let third = silent(&emulator, store());
    assert_eq!(refused(&third.credential()).await.kind(), AuthErrorKind::InteractionRequired);
}

#[tokio::test]
async fn two_sessions_over_one_file_never_spend_a_refresh_token_twice() {
    let emulator = start().await;
    let folder = tempfile::tempdir().unwrap();
    let store = || FileStore::new(folder.path().join("sign-ins"));
    session(&emulator, store()).0.sign_in(&twins()).await.unwrap();
    let sessions: Vec<_> = (0..8).map(|_| silent(&emulator, store())).collect();
    let callers: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            tokio::spawn(async move { session.credential().token(&twins()).await.map(drop) })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
}

/// A store that shows what it keeps.
#[derive(Debug, Clone, Default)]
struct Open(MemoryStore, Arc<std::sync::Mutex<Vec<SecretString>>>);

impl TokenStore for Open {
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> twinkit_auth::BoxFuture<'a, Result<Option<SecretString>, twinkit_auth::AuthError>> {
        self.0.load(key)
    }

    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> twinkit_auth::BoxFuture<'a, Result<(), twinkit_auth::AuthError>> {
        let kept: serde_json::Value = serde_json::from_str(value.expose_secret()).unwrap();
        self.1.lock().unwrap().push(kept["refresh_token"].as_str().unwrap().into());
        self.0.save(key, value)
    }

    fn delete<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> twinkit_auth::BoxFuture<'a, Result<(), twinkit_auth::AuthError>> {
        self.0.delete(key)
    }
}

#[tokio::test]
async fn a_refresh_token_had_elsewhere_goes_on_and_a_copied_one_ends_the_sign_in() {
    let emulator = start().await;
    let store = Open::default();
    let (session, _) = session(&emulator, store.clone());
    session.sign_in(&twins()).await.unwrap();
    let had = store.1.lock().unwrap().pop().unwrap();
    let with = |token: &SecretString| {
        at(&emulator, Credential::refresh_token(TENANT_ID, NATIVE_CLIENT_ID, token.clone()))
            .build()
            .unwrap()
    };
    let elsewhere = with(&had);
    assert_eq!(reach_twins(&emulator, &elsewhere).await["oid"], USER_OBJECT_ID);
    elsewhere.token(&twins().with_force_refresh()).await.unwrap();
    // A second use of the first one: the service ends all that came of it.
    let copied = refused(&with(&had)).await;
    assert_eq!(copied.kind(), AuthErrorKind::InteractionRequired, "{copied}");
    let error = elsewhere.token(&twins().with_force_refresh()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(!format!("{error}{error:?}{copied:?}").contains(had.expose_secret()));
}
