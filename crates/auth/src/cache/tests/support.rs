//! A scripted source, a clock that can be set, and short words for requests.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;
use tokio::time::Instant;
use tracing::Dispatch;
use twinkit_http::Clock;

use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

pub(super) const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One scripted answer.
pub(super) struct Step {
    delay: Duration,
    refresh_in: Option<Duration>,
    then: Then,
}

enum Then {
    Token(Duration),
    ExpiredToken,
    Error(AuthError),
    Panic,
}

impl Step {
    fn then(then: Then) -> Self {
        Self { delay: Duration::ZERO, refresh_in: None, then }
    }

    pub(super) fn token(life: Duration) -> Self {
        Self::then(Then::Token(life))
    }

    pub(super) fn expired() -> Self {
        Self::then(Then::ExpiredToken)
    }

    pub(super) fn panic() -> Self {
        Self::then(Then::Panic)
    }

    pub(super) fn error(kind: AuthErrorKind) -> Self {
        Self::with_error(AuthError::new(kind, "fake", "scripted"))
    }

    pub(super) fn with_error(error: AuthError) -> Self {
        Self::then(Then::Error(error))
    }

    pub(super) fn refresh_in(mut self, wait: Duration) -> Self {
        self.refresh_in = Some(wait);
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// Gives the scripted answers, then tokens of one hour. Its tokens are called
/// `t1`, `t2` and so on.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<TokenRequest>>,
    pub(super) version: AtomicU64,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

impl Script {
    pub(super) fn calls(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    pub(super) fn push(&self, step: Step) {
        self.steps.lock().unwrap().push_back(step);
    }
}

#[derive(Debug)]
struct Source(Arc<Script>);

impl TokenSource for Source {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        let number = {
            let mut requests = self.0.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        let step = self.0.steps.lock().unwrap().pop_front();
        let step = step.unwrap_or_else(|| Step::token(HOUR));
        Box::pin(async move {
            tokio::time::sleep(step.delay).await;
            let now = context.clock().now();
            let end = match step.then {
                Then::Token(life) => now + life,
                Then::ExpiredToken => now - secs(1),
                Then::Error(error) => return Err(error),
                Then::Panic => panic!("scripted"),
            };
            let token = AccessToken::new(format!("t{number}"), end)?;
            Ok(match step.refresh_in {
                Some(wait) => token.with_refresh_at(now + wait),
                None => token,
            })
        })
    }

    fn input_version(&self) -> u64 {
        self.0.version.load(Ordering::Relaxed)
    }
}

/// A wall clock that follows the paused one, plus what a test adds.
#[derive(Debug)]
pub(super) struct TestClock {
    start: Instant,
    jump_secs: AtomicI64,
}

impl TestClock {
    pub(super) fn jump(&self, seconds: i64) {
        self.jump_secs.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        let base = 1_800_000_000 + self.jump_secs.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + secs(base as u64) + self.start.elapsed()
    }
}

pub(super) struct Bench {
    pub(super) script: Arc<Script>,
    pub(super) clock: Arc<TestClock>,
    pub(super) credential: Credential,
}

/// A credential over a script.
pub(super) fn bench(steps: impl IntoIterator<Item = Step>) -> Bench {
    let script = Arc::new(Script::default());
    steps.into_iter().for_each(|step| script.push(step));
    let clock = Arc::new(TestClock { start: Instant::now(), jump_secs: AtomicI64::new(0) });
    let credential =
        Credential::from_source_with_clock(Source(Arc::clone(&script)), Arc::clone(&clock) as _);
    Bench { script, clock, credential }
}

impl Bench {
    pub(super) fn calls(&self) -> usize {
        self.script.calls()
    }

    /// The name of the token for scope `a`.
    pub(super) async fn get(&self) -> Result<String, AuthError> {
        self.get_for(&scope("a")).await
    }

    pub(super) async fn get_for(&self, request: &TokenRequest) -> Result<String, AuthError> {
        self.credential.token(request).await.map(|token| name(&token))
    }

    /// What a caller gets that cannot wait at all; `None` if it would have to.
    pub(super) fn get_now(&self) -> Option<Result<String, AuthError>> {
        let request = scope("a");
        let future = std::pin::pin!(self.get_for(&request));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }
}

pub(super) fn name(token: &AccessToken) -> String {
    token.secret().expose_secret().to_owned()
}

pub(super) fn scope(name: &str) -> TokenRequest {
    TokenRequest::new([name]).unwrap()
}

/// Lets time pass, and lets tasks that are due run.
pub(super) async fn pass(time: Duration) {
    tokio::time::advance(time).await;
    settle().await;
}

/// Lets every task run that can.
pub(super) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Collects what is traced on this thread while the guard lives.
#[derive(Clone, Default)]
pub(super) struct Traces(Arc<Mutex<Vec<u8>>>);

impl Traces {
    pub(super) fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        // With a single subscriber in the process, tracing asks the thread that
        // first comes to a span whether it is wanted, and another test's thread
        // says no for all. This second one makes it ask the subscribers.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| tracing_subscriber::registry().into());
        LazyLock::force(&SECOND);
        let traces = Self::default();
        let writer = traces.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (traces, tracing::subscriber::set_default(subscriber))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
