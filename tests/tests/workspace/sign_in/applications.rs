//! Applications with a secret, and what is the same for all ways in: tenants,
//! refusals with their hints, TLS.

use secrecy::SecretString;
use serde_json::json;
use twinkit_auth::{AuthErrorKind, Credential, HttpClientConfig};
use twinkit_digital_twins::Client;
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{
    Application, NATIVE_CLIENT_ID, OBJECT_ID, TENANT_DOMAIN, TENANT_ID, USER_NAME, USER_OBJECT_ID,
};

use super::browser::{Browser, Person};
use super::support::{
    at, auth_error, claims, client, list_models, reach_twins, refused, token_requests, twins,
};

fn with_secret(emulator: &Emulator, tenant: &str, id: &str, secret: &str) -> Credential {
    at(emulator, Credential::client_secret(tenant, id, secret)).build().unwrap()
}

#[tokio::test]
async fn a_secret_opens_the_data_plane_by_either_name_of_the_tenant() {
    let emulator = Emulator::start().await.unwrap();
    for tenant in [TENANT_ID, TENANT_DOMAIN] {
        let (id, secret) = (emulator.client_id(), emulator.client_secret());
        let claims = reach_twins(&emulator, &with_secret(&emulator, tenant, id, secret)).await;
        assert_eq!(claims["oid"], OBJECT_ID);
        assert_eq!(claims["aud"], "https://digitaltwins.azure.net");
        assert_eq!(claims["tid"], TENANT_ID);
    }
    assert_eq!(token_requests(&emulator), 2, "each credential asked once");
}

#[tokio::test]
async fn any_character_may_stand_in_a_secret() {
    let emulator = Emulator::start().await.unwrap();
    let secret = "a+b/c=d&e%41 f~g:h\"i";
    let application = Application::new(SecretString::from(secret));
    let id = application.client_id.clone();
    emulator.directory().add_application(application).unwrap();
    let credential = with_secret(&emulator, TENANT_ID, &id, secret);
    assert!(credential.token(&twins()).await.is_ok());
}

#[tokio::test]
async fn every_refusal_comes_at_once_with_its_code_and_a_hint() {
    let emulator = Emulator::start().await.unwrap();
    let (id, secret) = (emulator.client_id(), emulator.client_secret());
    let expired = Application::new(SecretString::from("canary-old"));
    let expired_id = expired.client_id.clone();
    emulator.directory().add_application(expired).unwrap();
    emulator.directory().expire_secrets(&expired_id).unwrap();
    let stranger = "12345678-1234-1234-1234-123456789012";
    for (tenant, id, secret, code, hint) in [
        (TENANT_ID, id, "canary-wrong", 7_000_215, "the secret's value, not its id"),
        (TENANT_ID, &expired_id, "canary-old", 7_000_222, "has expired; make a new one"),
        (TENANT_ID, stranger, secret, 700_016, "client id"),
        (stranger, id, secret, 90_002, "check the tenant id"),
        (TENANT_ID, NATIVE_CLIENT_ID, secret, 700_025, "public client"),
    ] {
        emulator.requests().clear();
        let error = refused(&with_secret(&emulator, tenant, id, secret)).await;
        assert_eq!(error.kind(), AuthErrorKind::Rejected, "{error}");
        assert_eq!(error.codes(), [code], "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{code}: {error}");
        assert!(error.trace_id().is_some() && error.correlation_id().is_some(), "{error}");
        assert_eq!((error.attempts(), token_requests(&emulator)), (1, 1), "{error}");
        assert!(!error.to_string().contains(secret) && !error.to_string().contains('\n'));
    }
}

#[tokio::test]
async fn a_wrong_scope_is_told_from_a_wrong_secret() {
    let emulator = Emulator::start().await.unwrap();
    let (id, secret) = (emulator.client_id(), emulator.client_secret());
    let credential = with_secret(&emulator, TENANT_ID, id, secret);
    for (scope, code) in
        [("https://digitaltwins.example/.default", 500_011), ("User.Read", 1_002_012)]
    {
        let request = twinkit_auth::TokenRequest::new([scope]).unwrap();
        let error = credential.token(&request).await.unwrap_err();
        assert_eq!(error.codes(), [code], "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    assert!(credential.token(&twins()).await.is_ok(), "other requests are not held up by it");
}

#[tokio::test]
async fn the_error_of_a_call_says_what_was_wrong_with_the_sign_in() {
    let emulator = Emulator::start().await.unwrap();
    let wrong = with_secret(&emulator, TENANT_ID, emulator.client_id(), "wrong");
    let error = list_models(&client(&emulator, wrong)).await.unwrap_err();
    assert_eq!(auth_error(&error).codes(), [7_000_215], "{error}");
    assert!(error.hint().unwrap_or_default().contains("not its id"), "{error}");
    assert!(!emulator.requests().list().iter().any(|sent| sent.service == "digital-twins"));
}

#[tokio::test]
async fn over_tls_the_local_authority_is_all_that_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::builder().tls(true).ca_folder(folder.path()).start().await.unwrap();
    let ca = emulator.ca_pem().unwrap();
    let http = || HttpClientConfig::new().with_ca_pem(ca);
    let (id, secret) = (emulator.client_id(), emulator.client_secret());
    let builder = at(&emulator, Credential::client_secret(TENANT_ID, id, secret));
    let application = builder.clone().http(http()).build().unwrap();
    let browser = Browser::trusting(Person::Known(USER_NAME), Some(ca));
    let person = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).open_with(browser.opener());
    let person = at(&emulator, person).http(http()).build().unwrap();
    for (credential, oid) in [(application, OBJECT_ID), (person, USER_OBJECT_ID)] {
        let client = Client::builder(emulator.digital_twins_url(), credential.clone()).ca_pem(ca);
        list_models(&client.build().unwrap()).await.unwrap();
        assert_eq!(claims(&credential.token(&twins()).await.unwrap())["oid"], json!(oid));
    }
    let error = refused(&builder.build().unwrap()).await;
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1), "{error}");
    assert!(error.to_string().contains("no trusted TLS connection"), "{error}");
}
