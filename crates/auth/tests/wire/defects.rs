//! Defects measured in another library on the wire side, which ours must not
//! have. The cache's own are in `src/cache/tests/defects.rs`.

use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use crate::support::{Server, credential, json, request, token, with_headers};
use twinkit_auth::{AccessToken, AuthError, AuthErrorKind, ExposeSecret, SecretString};

/// `SERIALIZE` is the inherent constant where the type can be serialised, and
/// the trait's where it cannot.
struct Probe<T>(PhantomData<T>);

trait Fallback {
    const SERIALIZE: bool = false;
}

impl<T> Fallback for Probe<T> {}

impl<T: serde::Serialize> Probe<T> {
    const SERIALIZE: bool = true;
}

#[test]
fn defect_f_tokens_cannot_be_serialised() {
    const {
        assert!(Probe::<String>::SERIALIZE, "the probe works");
        assert!(!Probe::<AccessToken>::SERIALIZE);
        assert!(!Probe::<SecretString>::SERIALIZE);
    }
}

#[tokio::test]
async fn defect_g_expires_in_as_a_string_is_accepted() {
    let body = r#"{"access_token":"t","token_type":"Bearer","expires_in":"3599",
        "ext_expires_in":"3599","refresh_in":"1800"}"#;
    let server = Server::start([json("200 OK", body)]).await;
    let token = credential(&server.url).token(&request()).await.unwrap();
    let life = token.expires_at().duration_since(SystemTime::now()).unwrap();
    assert!((3590..=3599).contains(&life.as_secs()), "{life:?}");
    assert!(token.refresh_at().is_some());
}

#[tokio::test]
async fn defect_h_a_502_with_html_says_status_content_type_and_hint() {
    let page = || {
        let headers = "content-type: text/html; charset=utf-8\nretry-after: 0";
        with_headers("502 Bad Gateway", headers, "<html><title>Bad gateway</title></html>")
    };
    let server = Server::start([page(), page(), page()]).await;
    let error = credential(&server.url).token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Transient, Some(502)));
    assert_eq!((error.attempts(), server.requests().len()), (3, 3));
    let line = error.to_string();
    assert!(line.contains("status 502") && line.contains("text/html"), "{line}");
    assert!(error.hint().unwrap().contains("proxy"));
}

#[tokio::test]
async fn defect_i_an_empty_object_is_a_typed_error() {
    for body in ["{}", "", "null", r#"{"access_token":"","expires_in":60}"#] {
        let server = Server::start([json("200 OK", body)]).await;
        let error = credential(&server.url).token(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Protocol, Some(200)));
        assert_eq!(error.attempts(), 1, "{body}");
    }
}

#[tokio::test]
async fn a_refusal_under_a_status_of_success_is_told_as_one() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#;
    let server = Server::start([json("200 OK", body)]).await;
    let error = credential(&server.url).token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(200)));
    assert_eq!((error.error(), error.codes()), (Some("invalid_client"), &[7_000_215][..]));
    assert_eq!((error.attempts(), server.requests().len()), (1, 1));
}

#[tokio::test]
async fn defect_j_escapes_in_the_description_do_not_hide_the_error() {
    let body = r#"{"error":"invalid_client",
        "error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: aa\r\n",
        "error_codes":[7000215],"timestamp":"2026-11-21 09:00:00Z","trace_id":"aa",
        "correlation_id":"bb","error_uri":"https://login.example/error?code=7000215"}"#;
    let server = Server::start([json("401 Unauthorized", body)]).await;
    let error: AuthError = credential(&server.url).token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(401)));
    assert_eq!(error.error(), Some("invalid_client"));
    assert!(error.description().unwrap().starts_with("AADSTS7000215: Invalid client secret"));
    assert_eq!(error.codes(), [7_000_215]);
    assert_eq!((error.trace_id(), error.correlation_id()), (Some("aa"), Some("bb")));
    assert_eq!(error.timestamp(), Some("2026-11-21 09:00:00Z"));
    assert!(error.error_uri().unwrap().contains("7000215"));
    assert!(error.hint().unwrap().contains("not its id"));
    assert!(!error.to_string().contains(['\r', '\n']));
    assert_eq!(server.requests().len(), 1, "a refusal is never repeated");
}

#[tokio::test]
async fn the_token_is_counted_from_before_the_request() {
    let server = Server::start([token("t")]).await;
    let before = SystemTime::now();
    let token = credential(&server.url).token(&request()).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "t");
    let after = SystemTime::now();
    let life = Duration::from_secs(3599);
    assert!(token.expires_at() >= before + life && token.expires_at() <= after + life);
}
