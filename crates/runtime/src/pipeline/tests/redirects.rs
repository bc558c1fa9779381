//! Redirects: answers of their own, steps on the way to one, or refused.

use super::*;
use crate::{CallOptions, ErrorKind};

async fn once(
    id: &'static str,
    steps: Vec<Step>,
) -> (Result<Response<serde_json::Value>, Error>, Vec<Seen>) {
    let server = Server::start(steps).await;
    let context = context(&server).with_options(CallOptions::new().no_retry());
    let outcome = call(&context, id).await;
    (outcome, server.seen())
}

#[tokio::test]
async fn the_answer_is_fetched_from_where_it_lies_on_this_origin() {
    let away = |to: &str| Step::with(302, &[&format!("location: {to}")], "");
    let steps = vec![away("/other?x=1"), away("/last"), Step::json("[7]")];
    let (outcome, seen) = once("get_elsewhere", steps).await;
    assert_eq!(outcome.unwrap().into_inner(), serde_json::json!([7]));
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(lines[1..], ["GET /other?x=1 HTTP/1.1", "GET /last HTTP/1.1"]);
    for request in &seen {
        assert_eq!(request.header("authorization"), Some("Bearer canary-token"));
        assert_eq!(request.header("accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn another_origin_is_not_asked_and_not_shown_whole() {
    for to in
        ["http://127.0.0.1:1/x?sig=canary", "https://u:p@h.example/?sig=canary", "http://[", ""]
    {
        let step = Step::with(302, &[&format!("location: {to}")], "");
        let (outcome, seen) = once("get_elsewhere", vec![step]).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 302));
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        assert_eq!(seen.len(), 1, "{to}");
    }
}

#[tokio::test]
async fn a_circle_ends() {
    let step = Step::with(302, &["location: /digitaltwins/room"], "");
    let (outcome, seen) = once("get_elsewhere", vec![step]).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.status().unwrap(), 302);
    assert!(error.to_string().contains("within 5 redirects"), "{error}");
    assert_eq!(seen.len(), 6);
}

#[tokio::test]
async fn an_address_that_was_asked_for_is_the_answer() {
    let headers = ["location: https://h.example/?sig=s", "content-type: text/html"];
    let page = "<html><title>Object moved</title></html>";
    for beside in [page, r#"{"code":"Found","message":"Object moved"}"#] {
        let server = Server::start([Step::with(302, &headers, beside)]).await;
        let context = context(&server);
        let url = format!("{}/digitaltwins/a", server.url).parse().unwrap();
        let call = Ok(reqwest::Request::new(Method::GET, url));
        let answer = context.call(call, row("download_file")).await.unwrap().empty().unwrap();
        assert_eq!(answer.location(), Some("https://h.example/?sig=s"));
        assert!(!format!("{answer:?}").contains("sig=s"));
        assert_eq!(server.seen().len(), 1);
    }
}
