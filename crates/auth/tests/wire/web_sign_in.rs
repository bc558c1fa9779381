//! Sign-in at a web application: the address for the browser, and the
//! redemption of the code by a confidential client.

use crate::support::all_texts;
use crate::support::{
    ENCODED, SECRET, Server, field, id_token, json, pairs, request, token, token_with,
};
use twinkit_auth::{
    AuthErrorKind, AuthorizationRequest, Credential, ExposeSecret, Prompt, ResponseMode,
    SecretString, TokenRequest,
};

const REDIRECT: &str = "https://app.contoso.com/signed-in";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn redeem(server: &Server) -> twinkit_auth::AuthorizationCodeBuilder {
    Credential::authorization_code("contoso.com", "app-id", "canary-code", REDIRECT, VERIFIER)
        .authority(server.url.clone())
        .client_secret(SECRET)
}

#[test]
fn the_address_is_the_documented_one() {
    let wanted = TokenRequest::new(["https://digitaltwins.azure.net/.default", "openid"]).unwrap();
    let wanted = wanted.with_claims(r#"{"a":1}"#).unwrap();
    let sign_in = AuthorizationRequest::builder("contoso.com", "app-id", REDIRECT)
        .response_mode(ResponseMode::Query)
        .prompt(Prompt::Consent)
        .build(&wanted)
        .unwrap();
    let (page, query) = sign_in.url().split_once('?').unwrap();
    assert_eq!(page, "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize");
    let asked = pairs(query);
    let expected = [
        ("client_id", "app-id"),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "https://digitaltwins.azure.net/.default openid profile offline_access"),
        ("response_mode", "query"),
        ("state", sign_in.state().expose_secret()),
        ("nonce", sign_in.nonce().expose_secret()),
    ];
    for (asked, (name, value)) in asked.iter().zip(expected) {
        assert_eq!((asked.0.as_str(), asked.1.as_str()), (name, value));
    }
    let names: Vec<&str> = asked[7..].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code_challenge", "code_challenge_method", "prompt", "claims"]);
    assert!(!query.contains(sign_in.verifier().expose_secret()));
    let shown = format!("{sign_in:?}{sign_in:#?}");
    assert!(!shown.contains(sign_in.state().expose_secret()), "{shown}");
}

#[test]
fn what_cannot_be_a_sign_in_is_refused() {
    for redirect in ["", "app", "http://app.example/x", "https://app.example/x?y", "javascript:x"] {
        let built = AuthorizationRequest::builder("t", "app", redirect).build(&request());
        assert_eq!(built.unwrap_err().kind(), AuthErrorKind::Config, "{redirect}");
    }
    for (code, verifier) in [("", VERIFIER), ("canary", "canary")] {
        let built = Credential::authorization_code("t", "app", code, REDIRECT, verifier).build();
        let error = built.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config);
        assert!(!all_texts(&error).contains("canary"));
    }
}

#[test]
fn what_the_browser_brings_is_read_with_its_sessions_state() {
    let state = SecretString::from("st-1");
    let read = |fields: &str| AuthorizationRequest::read_answer(fields, &state);
    assert_eq!(read("code=c&state=st-1").unwrap().expose_secret(), "c");
    for (fields, kind) in [
        ("code=canary&state=st-2", AuthErrorKind::Protocol),
        ("code=canary", AuthErrorKind::Protocol),
        ("state=st-1", AuthErrorKind::Protocol),
        ("error=access_denied&error_subcode=cancel&state=st-1", AuthErrorKind::Denied),
    ] {
        let error = read(fields).unwrap_err();
        assert_eq!(error.kind(), kind, "{fields}");
        assert!(!all_texts(&error).contains("canary"));
    }
}

#[tokio::test]
async fn the_code_is_redeemed_once_and_then_refreshed() {
    let kept = format!(r#""refresh_token":"r-1","id_token":"{}""#, id_token(r#"{"nonce":"n"}"#));
    let server = Server::start([token_with("one", &kept), token("two"), token("three")]).await;
    let credential = redeem(&server).nonce("n").build().unwrap();
    credential.token(&request()).await.unwrap();
    let sent = server.requests();
    let body = sent[0].split_once("\r\n\r\n").unwrap().1;
    assert_eq!(
        body,
        format!(
            "grant_type=authorization_code&code=canary-code\
             &redirect_uri=https%3A%2F%2Fapp.contoso.com%2Fsigned-in&code_verifier={VERIFIER}\
             &scope=https%3A%2F%2Fdigitaltwins.azure.net%2F.default+openid+profile+offline_access\
             &client_id=app-id&client_secret={ENCODED}"
        )
    );
    for _ in 0..2 {
        credential.token(&request().with_force_refresh()).await.unwrap();
    }
    for sent in &server.requests()[1..] {
        assert_eq!(field(sent, "grant_type"), "refresh_token");
        assert_eq!(field(sent, "refresh_token"), "r-1", "kept, as no other came");
        assert_eq!(field(sent, "client_secret"), SECRET);
    }
}

#[tokio::test]
async fn a_refused_code_is_not_sent_again_and_a_delayed_one_is() {
    let refused =
        r#"{"error":"invalid_grant","error_description":"AADSTS54005: used canary-code"}"#;
    let server = Server::start([json("400 Bad Request", refused)]).await;
    let credential = redeem(&server).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Rejected);
    assert!(!all_texts(&error).contains("canary"));
    let error = credential.token(&request().with_force_refresh()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert_eq!(server.requests().len(), 1);

    let busy = || crate::support::with_headers("503 x", "retry-after: 60", "");
    let server = Server::start([busy()]).await;
    let credential = redeem(&server).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Transient);
    credential.token(&request().with_force_refresh()).await.unwrap();
    assert_eq!(field(&server.requests()[1], "code"), "canary-code");
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_is_refused() {
    let kept = format!(r#""refresh_token":"r-1","id_token":"{}""#, id_token(r#"{"nonce":"x"}"#));
    let server = Server::start([token_with("one", &kept)]).await;
    let credential = redeem(&server).nonce("n").build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Protocol);
    assert!(!all_texts(&error).contains("canary"));
}
