//! Answers that are not what was hoped for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::{CallOptions, ErrorFacts, ErrorKind, MAX_ANSWER_BYTES};

async fn error_of(step: Step) -> Error {
    let server = Server::start([step]).await;
    let once = context(&server).with_options(CallOptions::new().no_retry());
    let error = call(&once, "get_twin").await.unwrap_err();
    assert_eq!(error.operation(), Some("get_twin"));
    assert_eq!(error.attempts(), 1);
    error
}

#[tokio::test]
async fn a_documented_error_tells_all_it_knows() {
    let body = r#"{"error":{"code":"ValidationFailed","message":"Bad twin.",
        "details":[{"code":"X","message":"no such property"}]}}"#;
    let error = error_of(Step::with(400, &["x-ms-request-id: r-9"], body)).await;
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(error.code(), Some("ValidationFailed"));
    assert_eq!(error.details()[0].message.as_deref(), Some("no such property"));
    assert_eq!(error.request_id(), Some("r-9"));
    assert_eq!(
        error.to_string(),
        "get_twin: 400 ValidationFailed: Bad twin. [no such property] (request id r-9)"
    );
}

#[tokio::test]
async fn a_web_page_is_named_as_one() {
    let page = "<html><title>502 Bad Gateway</title>nginx</html>";
    let error = error_of(Step::with(502, &["content-type: text/html"], page)).await;
    assert_eq!(error.kind(), ErrorKind::Service);
    assert!(error.is_retryable());
    assert!(error.message().unwrap().contains("502 Bad Gateway"));
    assert!(error.hint().unwrap().contains("proxy"));
    let page = error_of(Step::with(200, &["content-type: text/html"], page)).await;
    assert_eq!(page.kind(), ErrorKind::Decode);
    assert!(page.message().unwrap().contains("web page"));
}

#[tokio::test]
async fn an_error_document_is_no_success_of_any_operation() {
    let ask = async |status: u16, body: &str| {
        let server = Server::start([Step::with(status, &["x-ms-request-id: r-1"], body)]).await;
        let url = format!("{}/digitaltwins/a", server.url).parse().unwrap();
        let request = reqwest::Request::new(Method::PATCH, url);
        context(&server).call(Ok(request), row("update_twin")).await
    };
    let said = r#" { "error" : {"code":"QuotaReachedError","message":"Slow down."}}"#;
    let marked = format!("\u{feff}{said}");
    assert_eq!(ask(200, &marked).await.unwrap_err().code(), Some("QuotaReachedError"));
    for status in [200, 202] {
        let error = ask(status, said).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
        assert_eq!(error.code(), Some("QuotaReachedError"));
        assert_eq!((error.request_id(), error.body().len()), (Some("r-1"), said.len()));
        assert!(error.message().unwrap().contains("the body is an error: Slow down."), "{error}");
    }
    // A property may have that name, beside others or alone.
    for body in [
        r#"{"error":{"code":"x","message":"y"},"$metadata":{}}"#,
        r#"{"error":5}"#,
        r#"{"error":{"seen":true}}"#,
        r#"{"errors":{"message":"y"}}"#,
    ] {
        assert!(ask(200, body).await.is_ok(), "{body}");
    }
    // Where no answer is expected, nothing else than an error has these shapes.
    for (body, code, said) in [
        (r#"{"error":{"code":"C"}}"#, Some("C"), "C"),
        (r#"{"error":{"code":"C","message":"","details":[{"message":"D"}]}}"#, Some("C"), "D"),
        (r#"{"error":{"innererror":{"code":"I"}}}"#, None, "does not say"),
        (r#"{"requestId":"r","error":{"code":"C","message":"M"}}"#, Some("C"), "M"),
        (r#"{"error":"C","error_description":"M"}"#, Some("C"), "M"),
        (r#"{"statusCode":429,"message":"M"}"#, None, "M"),
        (r#"{"code":429,"message":"M"}"#, Some("429"), "M"),
        ("\u{feff}{\"code\":\"C\",\"message\":\"M\"}", Some("C"), "M"),
    ] {
        let error = ask(200, body).await.unwrap().empty().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Decode, code), "{body}");
        assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (200, 1));
        assert_eq!((error.operation(), error.request_id()), (Some("update_twin"), Some("r-1")));
        assert!(error.message().unwrap().contains(said), "{error}");
    }
    for body in [
        "",
        "{}",
        "[]",
        "made",
        r#"{"error":null}"#,
        r#"{"id":"a","message":"b"}"#,
        r#"{"code":0,"message":"b"}"#,
    ] {
        assert!(ask(200, body).await.unwrap().empty().is_ok(), "{body}");
    }
}

#[tokio::test]
async fn the_mark_of_an_encoding_is_overlooked() {
    let server = Server::start([Step::json("\u{feff}5")]).await;
    assert_eq!(*call(&context(&server), "get_twin").await.unwrap(), 5);
    let error = error_of(Step::with(400, &[], "\u{feff}{\"error\":{\"code\":\"C\"}}")).await;
    assert_eq!(error.code(), Some("C"));
}

#[tokio::test]
async fn a_web_page_is_no_success_of_an_operation_without_an_answer() {
    let ask = async |media: &str, body: &str| {
        let server = Server::start([Step::with(200, &[media], body)]).await;
        let url = format!("{}/digitaltwins/a", server.url).parse().unwrap();
        let request = reqwest::Request::new(Method::GET, url);
        context(&server).call(Ok(request), row("get_twin")).await
    };
    for page in ["<!DOCTYPE html><p>Sign in", "\n<html>", "<h1>Sign in</h1>"] {
        let error = ask("content-type: text/html", page).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{page}");
        assert_eq!((error.status().unwrap().as_u16(), error.body().len()), (200, page.len()));
        assert!(error.hint().unwrap().contains("proxy"), "{page}");
    }
    // JSON has been seen under that media type, and what is no page under others.
    assert!(ask("content-type: text/html", "{}").await.is_ok());
    assert!(ask("content-type: text/plain", "<a>").await.is_ok());
}

#[tokio::test]
async fn an_empty_403_still_says_what_it_is() {
    let error = error_of(Step::status(403)).await;
    assert!(error.is_denied());
    assert_eq!(error.to_string(), "get_twin: 403 denied: Forbidden");
}

#[tokio::test]
async fn a_platforms_advice_is_asked_for() {
    let server = Server::start([Step::status(403)]).await;
    let advice = |facts: &ErrorFacts<'_>| (facts.status == Some(403)).then_some("assign a role");
    let context = builder(&server.url).hints(advice).build().unwrap();
    assert_eq!(call(&context, "get_twin").await.unwrap_err().hint(), Some("assign a role"));
}

#[tokio::test]
async fn redirects_are_errors() {
    let error = error_of(Step::with(302, &["location: http://evil.example/"], "")).await;
    assert_eq!(error.kind(), ErrorKind::Service);
    assert!(error.hint().unwrap().contains("redirects"));
}

#[tokio::test]
async fn cut_and_missing_json_keep_the_status() {
    let error = error_of(Step::json("{\"a\":")).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.to_string().contains("ends too early"), "{error}");
    assert!(error_of(Step::json("")).await.to_string().contains("no body"));
}

#[tokio::test]
async fn a_huge_answer_is_not_read() {
    let announced = Step::Hang(raw(200, &[], 200_000_000, "[1,"));
    let error = error_of(announced).await;
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(!error.is_retryable() && error.hint().is_some());
    assert!(error.to_string().contains(&MAX_ANSWER_BYTES.to_string()), "{error}");
    let refused = Step::Hang(raw(400, &[], 200_000_000, "["));
    assert_eq!(error_of(refused).await.kind(), ErrorKind::Rejected);
}

#[tokio::test(start_paused = true)]
async fn an_errors_status_is_told_though_its_body_dawdles() {
    let server = Server::start([Step::Hang(raw(403, &[], 50, "{"))]).await;
    let error = call(&context(&server), "get_twin").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn an_error_under_a_status_of_success_is_told() {
    let server = Server::start([Step::json(
        r#"{"value":[],"error":{"code":"QuotaReachedError","message":"too many units"}}"#,
    )])
    .await;
    let request = reqwest::Request::new(
        Method::GET,
        format!("{}/digitaltwins/a", server.url).parse().unwrap(),
    );
    let answer = context(&server).call(Ok(request), row("get_twin")).await.unwrap();
    let error = answer.decode::<Vec<u8>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.code(), Some("QuotaReachedError"));
    assert!(error.to_string().contains("too many units"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_hits_the_time_limit() {
    let server = Server::start([Step::Hang(raw(200, &[], 50, "[1,"))]).await;
    let options = CallOptions::new().attempt_timeout(Duration::from_secs(3)).no_retry();
    let error = call(&context(&server).with_options(options), "get_twin").await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.to_string(), "get_twin: timed out: no answer within 3 s");
}

#[tokio::test]
async fn successes_that_are_not_the_answer_are_refused() {
    for status in [206, 207, 208, 226] {
        let error = error_of(Step::with(status, &[], "{}")).await;
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Decode, status));
        assert!(error.message().unwrap().contains("declares no such status"), "{error}");
    }
}

#[tokio::test]
async fn a_credential_that_a_service_repeats_is_not_shown() {
    let said = r#"{"error":{"code":"X","message":"you sent Bearer c\u0061nary-token"}}"#;
    let page = r#"{"value":{"canary-token":"c\u0061nary-token"}}"#;
    let name = r#"{"value":{"c\u0061nary-token":"x"}}"#;
    let header = "x-ms-request-id: canary-token";
    for (status, body) in
        [(403, said), (200, said), (200, page), (200, name), (200, "[canary-token")]
    {
        let server = Server::start([Step::with(status, &[header], body)]).await;
        let url = format!("{}/digitaltwins/a", server.url).parse().unwrap();
        let request = reqwest::Request::new(Method::GET, url);
        let answer = context(&server).call(Ok(request), row("get_twin")).await;
        let decoded =
            answer.and_then(|answer| answer.decode::<BTreeMap<String, BTreeMap<String, u8>>>());
        let error = decoded.unwrap_err();
        let (text, headers) = (format!("{error} {error:?}"), format!("{:?}", error.headers()));
        let kept = String::from_utf8_lossy(error.body()).into_owned();
        for shown in [text, headers, kept] {
            assert!(!shown.contains("canary") && !shown.contains("c\\u0061nary"), "{shown}");
        }
    }
}
