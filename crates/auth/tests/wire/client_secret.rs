//! Client credentials by secret on the wire: what is sent, what is tried
//! again, and what attacks from the other side come to.

use std::time::Duration;

use crate::support::{Answer, ENCODED, Server, credential, json, request, token, with_headers};
use tokio::time::Instant;
use twinkit_auth::{AuthError, AuthErrorKind, Credential, ExposeSecret, TokenRequest};

async fn failure(server: &Server) -> AuthError {
    credential(&server.url).token(&request()).await.unwrap_err()
}

#[tokio::test]
async fn the_request_is_the_documented_form() {
    let server = Server::start([]).await;
    credential(&server.url).token(&request()).await.unwrap();
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(head.contains("accept: application/json\r\n"));
    assert!(head.contains("client-request-id: "));
    assert!(head.contains("user-agent: twinkit/"));
    assert!(!head.contains("accept-encoding"), "a small answer could unpack to a huge one");
    assert_eq!(
        body,
        format!(
            "grant_type=client_credentials&scope=https%3A%2F%2Fdigitaltwins.azure.net%2F.default\
             &client_id=app-id&client_secret={ENCODED}"
        )
    );
    assert_eq!(requests.len(), 1, "no discovery request");
}

#[tokio::test]
async fn tenant_claims_and_capability_of_the_request_are_sent() {
    let server = Server::start([]).await;
    let request = TokenRequest::new(["b", "a"])
        .unwrap()
        .with_tenant("fabrikam.com")
        .unwrap()
        .with_claims(r#"{"x":1}"#)
        .unwrap()
        .with_cae();
    credential(&server.url).token(&request).await.unwrap();
    let sent = &server.requests()[0];
    assert!(sent.starts_with("POST /fabrikam.com/oauth2/"));
    assert!(sent.contains("scope=a+b&claims=%7B%22access_token"), "{sent}");
    assert!(sent.contains("CP1") && sent.contains("%22x%22%3A1"));
    let common = TokenRequest::new(["a"]).unwrap().with_tenant("common").unwrap();
    let error = credential(&server.url).token(&common).await.unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (AuthErrorKind::Config, 1));
}

#[tokio::test]
async fn passing_failures_are_tried_again_as_the_service_asks() {
    for status in ["408 x", "429 x", "500 x", "502 x", "503 x", "504 x"] {
        let busy = with_headers(status, "retry-after: 0", "");
        let server = Server::start([busy, token("second")]).await;
        let token = credential(&server.url).token(&request()).await.unwrap();
        assert_eq!(token.secret().expose_secret(), "second", "{status}");
        let requests = server.requests();
        let id = |index: usize| {
            let line = |line: &&str| line.starts_with("client-request-id: ");
            str::lines(&requests[index]).find(line).map(str::to_owned)
        };
        assert!(id(0).is_some());
        assert_eq!(id(0), id(1), "one id for the whole flight");
    }
}

#[tokio::test]
async fn refusals_are_not_tried_again() {
    for status in ["400 x", "401 x", "403 x", "404 x"] {
        let server = Server::start([json(status, "")]).await;
        let error = failure(&server).await;
        assert_eq!((error.attempts(), server.requests().len()), (1, 1), "{status}");
        assert!(error.request_id().is_some());
    }
}

#[tokio::test]
async fn a_long_retry_after_is_told_and_not_waited_for() {
    let start = Instant::now();
    let busy = with_headers("429 x", "retry-after: 99999999", "");
    let server = Server::start([busy]).await;
    let error = failure(&server).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(99_999_999)));
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 1));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in ["301 x", "302 x", "307 x", "308 x"] {
        let elsewhere = Server::start([]).await;
        let headers = format!("location: {}/steal?x=1", elsewhere.url);
        let server = Server::start([with_headers(status, &headers, "")]).await;
        let error = failure(&server).await;
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1));
        assert!(error.to_string().contains(&elsewhere.url) && !error.to_string().contains("steal"));
        assert!(elsewhere.requests().is_empty());
    }
}

#[tokio::test]
async fn broken_connections_are_tried_three_times() {
    let server = Server::start([Answer::Close, Answer::Close, Answer::Close]).await;
    let error = failure(&server).await;
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 3));
    assert!(error.hint().unwrap().contains("network"));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_authority_that_cannot_be_reached_is_named() {
    let error = credential("http://127.0.0.1:1").token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 3));
    assert!(error.to_string().contains("http://127.0.0.1:1 could not be reached"), "{error}");
}

#[tokio::test]
async fn hanging_and_dripping_answers_end_within_the_time_limits() {
    for make in [|| Answer::Hang, || Answer::Drip] {
        let server = Server::start((0..3).map(|_| make())).await;
        let start = Instant::now();
        let (error, ()) = tokio::join!(failure(&server), server.stop_clock_at_first_request());
        tokio::time::resume();
        assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
        assert!(start.elapsed() <= Duration::from_secs(91), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn oversized_answers_are_cut_off() {
    let announced = Answer::Text("HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n{".into());
    for answer in [announced, Answer::Flood] {
        let server = Server::start([answer]).await;
        let error = failure(&server).await;
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1));
        assert!(error.to_string().contains("larger than the limit of 1048576 bytes"), "{error}");
    }
}

#[tokio::test]
async fn an_oversized_error_answer_keeps_its_status() {
    let server = Server::start([json("400 Bad Request", &" ".repeat(100_000))]).await;
    let error = failure(&server).await;
    assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(400)));
}

#[tokio::test]
async fn deep_json_is_an_error() {
    for status in ["200 OK", "400 Bad Request"] {
        let server = Server::start([json(status, &"{\"a\":".repeat(10_000))]).await;
        assert_eq!(failure(&server).await.attempts(), 1);
    }
}

#[tokio::test]
async fn a_peer_without_trusted_tls_is_final() {
    let server = Server::start([]).await;
    let authority = server.url.replace("http://", "https://");
    let error = credential(&authority).token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1), "{error}");
    assert!(error.hint().unwrap().contains("certificate authority"));
}

#[tokio::test]
async fn a_challenge_in_a_refusal_reaches_the_caller() {
    let body = r#"{"error":"interaction_required","error_description":"AADSTS50076: more",
        "error_codes":[50076],"suberror":"basic_action","claims":"{\"access_token\":{}}"}"#;
    let server = Server::start([json("400 Bad Request", body)]).await;
    let error = failure(&server).await;
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert_eq!(error.claims(), Some(r#"{"access_token":{}}"#));
    assert_eq!(error.suberror(), Some("basic_action"));
    assert!(request().with_claims(error.claims().unwrap()).is_ok());
}

#[tokio::test]
async fn an_own_certificate_authority_that_is_none_is_refused() {
    let http = twinkit_auth::HttpClientConfig::new().with_ca_pem("canary");
    let error = Credential::client_secret("t", "app", "s").http(http).build().unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(error.to_string().contains("PEM") && !format!("{error:?}").contains("canary"));
}
