//! What the tests share: forms, sign-ins without a browser, tokens taken apart.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::Value;
use twinkit_emulator::{
    Emulator,
    identity::{NATIVE_CLIENT_ID, TENANT_ID, USER_NAME},
};
use url::Url;

pub(crate) const TWINS: &str = "https://digitaltwins.azure.net";
pub(crate) const REDIRECT: &str = "http://localhost:8400";
/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) type Fields<'a> = &'a [(&'a str, &'a str)];

/// A client that shows redirects instead of following them.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

pub(crate) fn endpoint(emulator: &Emulator, name: &str) -> String {
    format!("{}/{TENANT_ID}/oauth2/v2.0/{name}", emulator.authority_url())
}

/// `fields` with those of `changes` in place of their namesakes; an empty value
/// leaves the field out.
pub(crate) fn changed<'a>(
    fields: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| changes.iter().all(|(other, _)| name != other));
    kept.chain(changes).filter(|(_, value)| !value.is_empty()).copied().collect()
}

pub(crate) async fn post(url: &str, fields: Fields<'_>) -> (u16, Value) {
    read(client().post(url).form(fields).send().await.unwrap()).await
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// Asks the token endpoint.
pub(crate) async fn ask(emulator: &Emulator, fields: Fields<'_>) -> (u16, Value) {
    post(&endpoint(emulator, "token"), fields).await
}

/// Asks and expects a refusal: status, error word and code.
pub(crate) async fn refusal(emulator: &Emulator, fields: Fields<'_>) -> (u16, String, u64) {
    let (status, body) = ask(emulator, fields).await;
    refused(status, &body)
}

pub(crate) fn refused(status: u16, body: &Value) -> (u16, String, u64) {
    let word = body["error"].as_str().unwrap_or_else(|| panic!("{status} {body}")).to_owned();
    (status, word, body["error_codes"][0].as_u64().unwrap())
}

pub(crate) fn expected(status: u16, word: &str, code: u64) -> (u16, String, u64) {
    (status, word.to_owned(), code)
}

/// The claims of a token.
pub(crate) fn claims(token: &Value) -> Value {
    let token = token.as_str().unwrap_or_else(|| panic!("not a token: {token}"));
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The fields of a sound authorize request of the native application.
pub(crate) fn authorize_fields<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("client_id", NATIVE_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid offline_access https://digitaltwins.azure.net/Read.Write"),
        ("state", "some state & more"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("auto", "1"),
        ("login_hint", USER_NAME),
    ];
    changed(&fields, changes)
}

pub(crate) async fn authorize(emulator: &Emulator, changes: Fields<'_>) -> Response {
    let url = Url::parse_with_params(&endpoint(emulator, "authorize"), authorize_fields(changes));
    client().get(url.unwrap()).send().await.unwrap()
}

/// The fields that a redirect hands to the application.
pub(crate) fn handed(response: &Response) -> Value {
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    let pairs = match url.fragment() {
        Some(fragment) => url::form_urlencoded::parse(fragment.as_bytes()),
        None => url.query_pairs(),
    };
    pairs
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A code of the native application for the seeded user.
pub(crate) async fn code(emulator: &Emulator, changes: Fields<'_>) -> String {
    let handed = handed(&authorize(emulator, changes).await);
    handed["code"].as_str().unwrap_or_else(|| panic!("{handed}")).to_owned()
}

/// The fields that redeem a code of the native application.
pub(crate) fn redeem_fields(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", NATIVE_CLIENT_ID),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ]
}

/// Signs the seeded user in to the native application.
pub(crate) async fn sign_in(emulator: &Emulator, changes: Fields<'_>) -> Value {
    let code = code(emulator, changes).await;
    let (status, body) = ask(emulator, &redeem_fields(&code)).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Whether the data plane lets a token through.
pub(crate) async fn models(emulator: &Emulator, token: &Value) -> u16 {
    let url = format!("{}/models?api-version=2023-10-31", emulator.digital_twins_url());
    let request = client().get(url).bearer_auth(token.as_str().unwrap());
    request.send().await.unwrap().status().as_u16()
}
