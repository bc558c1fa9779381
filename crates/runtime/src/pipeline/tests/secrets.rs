//! The credential goes to its origin and nowhere else: not into errors, not
//! into traces at any level.

use std::io::Write;
use std::sync::{LazyLock, Mutex};

use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use super::*;
use crate::CallOptions;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Writes everything down, from whatever crate, at the finest level.
    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + 'static {
        // With a single subscriber in the process, tracing asks the thread that
        // first comes to a span whether it is wanted, and another test's thread
        // says no for all. This second one makes it ask the subscribers.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| tracing_subscriber::registry().into());
        LazyLock::force(&SECOND);
        let log = self.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(move || log.clone())
            .finish()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn causes(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(&format!(" {cause} {cause:?}"));
        next = cause.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_the_credential_the_query_or_the_body() {
    let echo = format!(r#"{{"error":{{"code":"C","message":"you sent Bearer {TOKEN}"}}}}"#);
    let steps = [
        Step::status(401),
        Step::with(400, &[], &echo),
        Step::with(500, &["content-type: text/html"], &format!("<title>{TOKEN}</title>")),
        Step::Close,
        Step::json("{\"t\": \"canary-body\""),
        Step::Cut(raw(200, &[], 90, "canary-body")),
    ];
    let log = Log::default();
    for step in steps {
        let server = Server::start([step]).await;
        let once = context(&server).with_options(CallOptions::new().max_retries(1));
        let url = format!("{}/digitaltwins/room?sig=canary-query", server.url);
        let run = async {
            let request = once.client().get(&url).build().unwrap();
            let error = exec(&once, "get_twin", request).await.unwrap_err();
            let link = follow(&once, "http://evil.example/?sig=canary-query").await.unwrap_err();
            (error, link)
        };
        let (error, link) = run.with_subscriber(log.subscriber()).await;
        let shown = format!("{} {} {once:?}", causes(&error), causes(&link));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!String::from_utf8_lossy(error.body()).contains(TOKEN));
        assert!(server.seen().iter().all(|seen| seen.header("authorization").is_some()));
    }
    let log = log.text();
    assert!(log.contains("twinkit.call"));
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn spans_carry_the_conventions_names() {
    let server = Server::start([Step::status(503), Step::json("1")]).await;
    let log = Log::default();
    let context = context(&server);
    call(&context, "get_twin").with_subscriber(log.subscriber()).await.unwrap();
    let log = log.text();
    for field in [
        "otel.name=\"GET /digitaltwins/{id}\"",
        "otel.kind=\"client\"",
        "twinkit.operation=\"get_twin\"",
        "http.request.method=\"GET\"",
        "url.template=\"/digitaltwins/{id}\"",
        "server.address=\"127.0.0.1\"",
        "http.request.resend_count=1",
        "http.response.status_code=503",
        "http.response.status_code=200",
        "error.type=service failure",
        "twinkit.attempts=2",
        "trying again",
    ] {
        assert!(log.contains(field), "{field} is not in {log}");
    }
}
