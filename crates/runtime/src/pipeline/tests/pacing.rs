//! Attempts take their turn, and a turn that comes too late is told.

use std::time::Duration;

use tokio::time::Instant;

use super::renewal::Renewing;
use super::server::{Server, Step};
use super::{Arc, Context, builder, call};
use crate::{CallOptions, ErrorKind, Pacing};

fn paced(server: &Server, pacing: Pacing) -> Context {
    builder(&server.url).pacing(pacing).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn calls_and_repeats_wait_for_their_turn() {
    let server = Server::start([Step::status(503), Step::json("1")]).await;
    let context = paced(&server, Pacing::per_second(1));
    let start = Instant::now();
    call(&context, "get_twin").await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1), "the repeat took a turn of its own");
    let (one, two) = (context.clone(), context.with_options(CallOptions::new()));
    let (one, two) = tokio::join!(call(&one, "get_twin"), call(&two, "get_twin"));
    assert!(one.is_ok() && two.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(3), "clones share the bucket");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_operation_may_have_a_pace_of_its_own() {
    let server = Server::start([Step::json("1")]).await;
    let context = paced(&server, Pacing::per_second(1000).operation("post_thing", 1));
    let start = Instant::now();
    for _ in 0..3 {
        call(&context, "get_twin").await.unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    for _ in 0..3 {
        call(&context, "post_thing").await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_does_not_come_in_time_is_told_and_nothing_sent() {
    let server = Server::start([Step::json("1")]).await;
    let context = paced(&server, Pacing::per_second(1));
    call(&context, "get_twin").await.unwrap();
    let hasty = context.with_options(CallOptions::new().timeout(Duration::from_millis(100)));
    let error = call(&hasty, "post_thing").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.hint().unwrap().contains("nothing was sent"), "{:?}", error.hint());
    assert_eq!(server.seen().len(), 1);
    let start = Instant::now();
    call(&context, "get_twin").await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "who gave up took no turn");
}

#[tokio::test(start_paused = true)]
async fn who_stood_in_line_goes_with_the_credential_of_the_turn() {
    let server = Server::start([Step::status(401), Step::json("1")]).await;
    let builder = Context::builder(&server.url, Arc::new(Renewing::default()));
    let context = builder.pacing(Pacing::per_second(1)).build().unwrap();
    // The first is refused and renews; the second is in line by then.
    let (one, two) = tokio::join!(call(&context, "get_twin"), call(&context, "post_thing"));
    assert!(one.is_ok() && two.is_ok());
    let seen = server.seen();
    let sent: Vec<_> = seen.iter().map(|seen| seen.header("authorization").unwrap()).collect();
    assert_eq!(sent, ["0", "1", "1"]);
    assert!(seen[1].line.starts_with("POST"));
}
