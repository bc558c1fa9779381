//! How applications prove who they are by secrets, and what is not served.

use secrecy::SecretString;
use serde_json::json;
use twinkit_emulator::{
    Emulator,
    identity::{Application, CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID},
};

use crate::support::{TWINS, ask, changed, claims, client, expected, post, read, refusal, refused};

const FIELDS: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", CLIENT_ID),
    ("client_secret", CLIENT_SECRET),
    ("scope", "https://digitaltwins.azure.net/.default"),
];

#[tokio::test]
async fn an_expired_secret_and_a_public_client_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let public = changed(&FIELDS, &[("client_id", NATIVE_CLIENT_ID)]);
    assert_eq!(refusal(&emulator, &public).await, expected(401, "invalid_client", 700_025));
    let silent = changed(&public, &[("client_secret", "")]);
    assert_eq!(refusal(&emulator, &silent).await, expected(401, "invalid_client", 7_000_218));
    emulator.directory().expire_secrets(CLIENT_ID).unwrap();
    assert_eq!(refusal(&emulator, &FIELDS).await, expected(401, "invalid_client", 7_000_222));
    assert!(emulator.directory().expire_secrets("nobody").is_err());
}

#[tokio::test]
async fn an_applications_token_speaks_for_no_user() {
    let emulator = Emulator::start().await.unwrap();
    let (status, body) = ask(&emulator, &FIELDS).await;
    assert_eq!(status, 200);
    for member in ["scope", "refresh_token", "id_token", "refresh_in", "foci"] {
        assert_eq!(body.get(member), None, "{member}");
    }
    let claims = claims(&body["access_token"]);
    assert_eq!((&claims["idtyp"], &claims["azpacr"]), (&json!("app"), &json!("1")));
    for claim in ["scp", "upn", "preferred_username", "xms_cc"] {
        assert_eq!(claims.get(claim), None, "{claim}");
    }
}

#[tokio::test]
async fn claims_that_are_no_json_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let fields = changed(&FIELDS, &[("claims", "{")]);
    assert_eq!(refusal(&emulator, &fields).await, expected(400, "invalid_request", 90023));
}

#[tokio::test]
async fn the_first_version_of_the_endpoints_says_what_to_use() {
    let emulator = Emulator::start().await.unwrap();
    let base = format!("{}/{}/oauth2", emulator.authority_url(), emulator.tenant_id());
    let fields = changed(&FIELDS, &[("scope", ""), ("resource", TWINS)]);
    let (status, body) = post(&format!("{base}/token"), &fields).await;
    assert_eq!(refused(status, &body), expected(400, "invalid_request", 90023));
    assert!(body["error_description"].as_str().unwrap().contains("/oauth2/v2.0/"), "{body}");
    let page = client().get(format!("{base}/authorize")).send().await.unwrap();
    assert_eq!(page.status(), 400);
    assert!(page.text().await.unwrap().contains("AADSTS90023"));
}

#[tokio::test]
async fn an_application_of_another_tenant_is_not_found() {
    let emulator = Emulator::start().await.unwrap();
    let mut other = Application::new(SecretString::from("s"));
    other.tenant_id = "12121212-1212-1212-1212-121212121212".to_owned();
    emulator.directory().add_application(other.clone()).unwrap();
    let fields = changed(&FIELDS, &[("client_id", &other.client_id), ("client_secret", "s")]);
    assert_eq!(refusal(&emulator, &fields).await, expected(400, "unauthorized_client", 700_016));
    let url = format!("{}/{}/oauth2/v2.0/token", emulator.authority_url(), other.tenant_id);
    assert_eq!(post(&url, &fields).await.0, 200);
}

#[tokio::test]
async fn discovery_names_every_endpoint() {
    let emulator = Emulator::start().await.unwrap();
    let url = format!(
        "{}/{}/v2.0/.well-known/openid-configuration",
        emulator.authority_url(),
        emulator.tenant_id()
    );
    let (_, document) = read(client().get(url).send().await.unwrap()).await;
    for (member, path) in [
        ("token_endpoint", "token"),
        ("authorization_endpoint", "authorize"),
        ("device_authorization_endpoint", "devicecode"),
        ("end_session_endpoint", "logout"),
    ] {
        let url = document[member].as_str().unwrap();
        assert!(url.ends_with(&format!("/oauth2/v2.0/{path}")), "{member}: {url}");
    }
    let methods = document["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(methods.contains(&json!("private_key_jwt")));
    assert_eq!(document["response_types_supported"], json!(["code"]));
}
