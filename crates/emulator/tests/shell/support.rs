//! What the tests share: a client and a sign-in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Response};
use serde_json::Value;
use twinkit_emulator::Emulator;

/// A client without time limits of its own, so that a paused clock is no matter.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

pub(crate) fn token_url(emulator: &Emulator) -> String {
    format!("{}/{}/oauth2/v2.0/token", emulator.authority_url(), emulator.tenant_id())
}

/// The form of a sound token request, with some fields changed or, where the
/// value is empty, left out.
pub(crate) fn form<'a>(
    emulator: &'a Emulator,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", emulator.client_id()),
        ("client_secret", emulator.client_secret()),
        ("scope", "https://digitaltwins.azure.net/.default"),
    ];
    for &(name, value) in changes {
        fields.retain(|(field, _)| *field != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields
}

pub(crate) async fn ask_token(emulator: &Emulator, changes: &[(&str, &str)]) -> Response {
    let fields = form(emulator, changes);
    client().post(token_url(emulator)).form(&fields).send().await.unwrap()
}

pub(crate) async fn token(emulator: &Emulator, changes: &[(&str, &str)]) -> String {
    let response = ask_token(emulator, changes).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// A request that the data plane answers with 200 if it is let through.
pub(crate) async fn models(emulator: &Emulator, token: &str) -> Response {
    client().get(models_url(emulator)).bearer_auth(token).send().await.unwrap()
}

pub(crate) fn models_url(emulator: &Emulator) -> String {
    format!("{}/models?api-version=2023-10-31", emulator.digital_twins_url())
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
