//! Bentley IMS: service applications, and people with a native application.
//! Whether a token opens something is seen in its claims.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;
use twinkit_auth::{
    AuthErrorKind, Credential, FileStore, ImsNativeBuilder, SecretString, TokenRequest,
    ims_service_email,
};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::ims::{
    ImsClient, NATIVE_CLIENT_ID, SCOPE, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, USER_EMAIL,
    USER_ID,
};

use super::browser::{Browser, Person};
use super::support::{claims, requests};

fn platform() -> TokenRequest {
    TokenRequest::new([SCOPE]).unwrap()
}

fn asked(emulator: &Emulator) -> usize {
    requests(emulator, "ims", "/connect/token")
}

/// A native application of its own, on a port of its own.
fn native(emulator: &Emulator, browser: &Browser) -> ImsNativeBuilder {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (id, uri) = (format!("native-{free}"), format!("http://localhost:{free}/signin-callback"));
    emulator.ims().add_client(ImsClient::native(&id, &uri)).unwrap();
    Credential::ims_native(id)
        .host(emulator.ims_url())
        .redirect_uri(uri)
        .open_with(browser.opener())
}

#[tokio::test]
async fn a_service_application_signs_in_by_form_and_by_header() {
    let emulator = Emulator::start().await.unwrap();
    let builder =
        Credential::ims_service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET).host(emulator.ims_url());
    for builder in [builder.clone(), builder.basic()] {
        let token = builder.build().unwrap().token(&platform()).await.unwrap();
        let claims = claims(&token);
        assert_eq!(claims["client_id"], SERVICE_CLIENT_ID);
        assert_eq!(
            (&claims["scope"], &claims["iss"]),
            (&json!([SCOPE]), &emulator.ims_url().into())
        );
    }
    assert_eq!(ims_service_email(SERVICE_CLIENT_ID).split('@').next(), Some(SERVICE_CLIENT_ID));
}

#[tokio::test]
async fn refusals_have_hints() {
    let emulator = Emulator::start().await.unwrap();
    let service = |id: &str, secret: &str| {
        Credential::ims_service(id, secret).host(emulator.ims_url()).build().unwrap()
    };
    for credential in
        [service(SERVICE_CLIENT_ID, "canary-wrong"), service("service-else", SERVICE_CLIENT_SECRET)]
    {
        let error = credential.token(&platform()).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Rejected, "{error}");
        assert_eq!((error.error(), error.attempts()), (Some("invalid_client"), 1), "{error}");
        assert!(error.hint().unwrap().contains("check client id and secret"), "{error}");
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
    let good = service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET);
    let other = TokenRequest::new(["imodels:read"]).unwrap();
    let error = good.token(&other).await.unwrap_err();
    assert_eq!(error.error(), Some("invalid_scope"), "{error}");
    assert!(error.hint().unwrap().contains("itwin-platform"), "{error}");
    let before = asked(&emulator);
    let of_entra = good.token(&super::support::twins()).await.unwrap_err();
    assert_eq!(of_entra.kind(), AuthErrorKind::Config, "{of_entra}");
    assert_eq!(asked(&emulator), before, "nothing was sent");
}

#[tokio::test]
async fn a_person_signs_in_and_each_refresh_token_is_used_once() {
    let emulator = Emulator::start().await.unwrap();
    for person in [Person::Known(USER_EMAIL), Person::Accepts] {
        let browser = Browser::of(person);
        let session = native(&emulator, &browser).session().unwrap();
        emulator.requests().clear();
        // Who it is, IMS tells only those who ask.
        let wanted = TokenRequest::new([SCOPE, "openid", "profile", "email"]).unwrap();
        let token = session.credential().token(&wanted).await.unwrap();
        assert_eq!(claims(&token)["sub"], USER_ID);
        let account = session.account().await.unwrap().unwrap();
        assert_eq!(account.id.as_deref(), Some(USER_ID));
        // A second use of any of them would end the sign-in.
        for _ in 0..5 {
            session.credential().token(&platform().with_force_refresh()).await.unwrap();
        }
        assert_eq!((browser.visits(), asked(&emulator)), (1, 6));
    }
}

#[tokio::test]
async fn a_person_who_cancels_has_denied() {
    let emulator = Emulator::start().await.unwrap();
    let browser = Browser::of(Person::Cancels);
    let credential = native(&emulator, &browser).build().unwrap();
    let error = credential.token(&platform()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Denied, "{error}");
}

#[tokio::test]
async fn a_file_carries_a_sign_in_to_the_next_process() {
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = || FileStore::new(folder.path().join("sign-ins"));
    let browser = Browser::of(Person::Known(USER_EMAIL));
    let builder = native(&emulator, &browser);
    builder.clone().store(store()).session().unwrap().sign_in(&platform()).await.unwrap();
    let later = builder.store(store()).without_interaction().build().unwrap();
    assert_eq!(claims(&later.token(&platform()).await.unwrap())["sub"], USER_ID);
    assert_eq!(browser.visits(), 1);
}

#[tokio::test]
async fn the_seeded_native_application_knows_the_clients_own_address() {
    let emulator = Emulator::start().await.unwrap();
    // Looked at by hand: the port itself may be somebody else's.
    let uri = twinkit_auth::ImsNative::DEFAULT_REDIRECT_URI;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let mut url = url::Url::parse(&format!("{}/connect/authorize", emulator.ims_url())).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", NATIVE_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", uri),
        ("scope", "itwin-platform offline_access"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(http.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_is_asked_again() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().next(Fault::status(503).on("ims").times(2));
    emulator.ims().set_token_lifetime(Duration::from_secs(60));
    let secret = SecretString::from(SERVICE_CLIENT_SECRET);
    let credential = Credential::ims_service(SERVICE_CLIENT_ID, secret)
        .host(emulator.ims_url())
        .build()
        .unwrap();
    credential.token(&platform()).await.unwrap();
    assert_eq!(asked(&emulator), 3);
    tokio::time::sleep(Duration::from_secs(60)).await;
    credential.token(&platform()).await.unwrap();
    assert_eq!(asked(&emulator), 4);
}
