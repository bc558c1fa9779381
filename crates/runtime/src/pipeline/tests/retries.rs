//! The retry table row by row, and everything around waiting.

use std::time::Duration;

use tokio::time::Instant;
use twinkit_auth::{AuthError, AuthErrorKind, Authorized, Authorizer, Decision};

use super::*;
use crate::retry::{Fault, RULES, Repeat};
use crate::{BoxFuture, CallOptions, ErrorKind, RetryPolicy};

/// How a server (or its absence) brings each fault about.
fn step_of(fault: Fault) -> Step {
    match fault {
        Fault::Throttled => Step::status(429),
        Fault::UnavailableUntil => Step::with(503, &["retry-after: 1"], ""),
        Fault::Unavailable => Step::status(503),
        Fault::RequestTimeout => Step::status(408),
        Fault::BadGateway => Step::status(502),
        Fault::GatewayTimeout => Step::status(504),
        Fault::Internal => Step::status(500),
        Fault::Broken => Step::Close,
        Fault::TimeLimit => Step::Hang(String::new()),
        Fault::Final => Step::status(400),
        // No request arrives for these.
        Fault::NeverSent | Fault::TlsRefused | Fault::NoCredential => Step::Close,
    }
}

#[derive(Debug)]
struct NoCredential;

impl Authorizer for NoCredential {
    fn authorize<'a>(
        &'a self,
        _: &'a mut reqwest::Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        Box::pin(async {
            Err(AuthError::new(AuthErrorKind::Rejected, "test", "refused").with_hint("renew it"))
        })
    }

    fn on_unauthorized<'a>(
        &'a self,
        _: &'a Authorized,
        _: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        Box::pin(async { Decision::Give })
    }
}

async fn context_for(fault: Fault, server: &Server) -> Context {
    let policy = RetryPolicy::new().attempt_timeout(Duration::from_secs(2));
    let builder = match fault {
        Fault::NeverSent => {
            // A port that was free a moment ago.
            let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            builder(&format!("http://{}", socket.local_addr().unwrap()))
        }
        Fault::TlsRefused => builder(&garbage().await.replace("http", "https")),
        Fault::NoCredential => Context::builder(&server.url, Arc::new(NoCredential)),
        _ => builder(&server.url),
    };
    builder.retry(policy).build().unwrap()
}

/// A server that answers everything, a TLS greeting too, with plain text.
async fn garbage() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 512]).await;
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    url
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_table_holds_over_sockets() {
    for rule in &RULES {
        for (id, repeat) in [("get_twin", rule.idempotent), ("post_thing", rule.otherwise)] {
            let server = Server::start([step_of(rule.fault)]).await;
            let context = context_for(rule.fault, &server).await;
            let error = call(&context, id).await.unwrap_err();
            let expected = if repeat == Repeat::Yes { 4 } else { 1 };
            assert_eq!(error.attempts(), expected, "{}, {id}: {error}", rule.shown);
            let arrives =
                !matches!(rule.fault, Fault::NeverSent | Fault::TlsRefused | Fault::NoCredential);
            let sent = if arrives { expected as usize } else { 0 };
            assert_eq!(server.seen().len(), sent, "{}, {id}", rule.shown);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_are_not_seen_by_the_caller() {
    let steps = [Step::status(503), Step::Close, Step::status(429), Step::json("7")];
    let server = Server::start(steps).await;
    let response = call(&context(&server), "get_twin").await.unwrap();
    assert_eq!(*response, 7);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_is_repeated_where_safe() {
    let cut = Step::Cut(raw(200, &[], 50, "[1,"));
    let server = Server::start([cut.clone(), Step::json("[1]")]).await;
    assert!(call(&context(&server), "get_twin").await.is_ok());
    let server = Server::start([cut]).await;
    let error = call(&context(&server), "post_thing").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.kind().is_ambiguous());
    assert_eq!((error.attempts(), error.status().unwrap().as_u16()), (1, 200));
    assert!(error.hint().unwrap().contains("may have been carried out"));
}

#[tokio::test(start_paused = true)]
async fn a_500_is_repeated_where_the_operation_says_so() {
    let server = Server::start([Step::status(500)]).await;
    assert_eq!(call(&context(&server), "post_500").await.unwrap_err().attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_patch_that_names_a_state_is_safe_to_repeat() {
    let patch = async |tag: &'static str, steps: Vec<Step>| {
        let server = Server::start(steps).await;
        let context = context(&server).with_options(CallOptions::new().header("if-match", tag));
        call(&context, "update_twin").await.unwrap_err()
    };
    assert_eq!(patch("W/\"1\"", vec![Step::status(502)]).await.attempts(), 4);
    assert_eq!(patch("*", vec![Step::status(502)]).await.attempts(), 1);
    let error = patch("W/\"1\"", vec![Step::Close, Step::status(412)]).await;
    assert!(error.is_precondition_failed());
    assert_eq!(error.attempts(), 2);
    assert!(error.to_string().contains("2 attempts"), "{error}");
    assert!(error.hint().unwrap().contains("earlier attempt"));
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_carried_out_is_said_where_it_matters() {
    let told = async |id, steps: Vec<Step>| {
        let server = Server::start(steps).await;
        let error = call(&context(&server), id).await.unwrap_err();
        error.hint().unwrap_or_default().contains("carried out")
    };
    for status in [408, 500, 502, 503, 504] {
        assert!(told("post_thing", vec![Step::status(status)]).await, "{status}");
        assert!(!told("get_twin", vec![Step::status(status)]).await, "{status}");
    }
    for status in [400, 401, 429] {
        assert!(!told("post_thing", vec![Step::status(status)]).await, "{status}");
    }
    // Reading leaves nothing behind that the second one could stumble over.
    assert!(!told("get_twin", vec![Step::Close, Step::status(404)]).await);
}

#[tokio::test(start_paused = true)]
async fn callers_decide_what_they_know_better() {
    let server = Server::start([Step::status(502)]).await;
    let with = |options| context(&server).with_options(options);
    let safe = with(CallOptions::new().idempotent(true).max_retries(1));
    assert_eq!(call(&safe, "post_thing").await.unwrap_err().attempts(), 2);
    let unsafe_ = with(CallOptions::new().idempotent(false));
    assert_eq!(call(&unsafe_, "get_twin").await.unwrap_err().attempts(), 1);
    let once = with(CallOptions::new().no_retry());
    assert_eq!(call(&once, "get_twin").await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_services_wait_is_kept_in_every_form() {
    let date =
        ["date: Sun, 06 Nov 1994 08:49:07 GMT", "retry-after: Sun, 06 Nov 1994 08:49:12 GMT"];
    let forms: [(&[&str], u64); 3] = [
        (&["retry-after: 7"], 7000),
        (&date, 5000),
        (&["x-ms-retry-after-ms: 250", "retry-after: 9"], 250),
    ];
    for (headers, milliseconds) in forms {
        let server = Server::start([Step::with(429, headers, ""), Step::json("1")]).await;
        let start = Instant::now();
        call(&context(&server), "post_thing").await.unwrap();
        let waited = start.elapsed().as_millis() as u64;
        assert!(waited.abs_diff(milliseconds) < 10, "{headers:?}: {waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_told_at_once() {
    let server = Server::start([Step::with(429, &["retry-after: 31"], "")]).await;
    let start = Instant::now();
    let error = call(&context(&server), "get_twin").await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(error.is_throttled() && error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
    assert_eq!(error.attempts(), 1);
    // Within the cap, but beyond the deadline of the call.
    let server = Server::start([Step::with(429, &["retry-after: 20"], "")]).await;
    let options = CallOptions::new().timeout(Duration::from_secs(10));
    let error = call(&context(&server).with_options(options), "get_twin").await.unwrap_err();
    assert_eq!(error.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_by_its_deadline() {
    let server = Server::start([Step::Hang(String::new())]).await;
    let start = Instant::now();
    let error = call(&context(&server), "get_twin").await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.attempts(), 2);
    let seconds = start.elapsed().as_secs();
    assert!((59..=60).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_takes_long_is_given_its_time_unless_the_caller_has_none() {
    let server = Server::start([Step::Hang(String::new())]).await;
    let start = Instant::now();
    let error = call(&context(&server), "run_command").await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!((error.attempts(), start.elapsed().as_secs()), (1, 70));

    let server = Server::start([Step::Hang(String::new())]).await;
    let start = Instant::now();
    let options = CallOptions::new().timeout(Duration::from_secs(5));
    let hasty = context(&server).with_options(options);
    assert!(call(&hasty, "run_command").await.unwrap_err().is_timeout());
    assert!(start.elapsed() <= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_a_storm() {
    let server = Server::start([Step::status(503)]).await;
    let policy = RetryPolicy::new().budget(10);
    let context = builder(&server.url).retry(policy).build().unwrap();
    assert_eq!(call(&context, "get_twin").await.unwrap_err().attempts(), 3);
    assert_eq!(call(&context, "get_twin").await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_sent_again_is_sent_once() {
    let server = Server::start([Step::status(429)]).await;
    let context = context(&server);
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("[]")]);
    let request = context
        .client()
        .post(format!("{}/things", server.url))
        .header("content-length", "2")
        .body(reqwest::Body::wrap_stream(chunks))
        .build()
        .unwrap();
    let error = exec(&context, "post_thing", request).await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!(error.attempts(), 1);
    assert_eq!(only(&server).body, "[]");
}
