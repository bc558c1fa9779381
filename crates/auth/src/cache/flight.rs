//! A fetch as a task of its own, so that it goes on when the caller that
//! started it gives up, and ends when nobody holds the cache any more. It is driven by
//! the runtime of that caller, and is cut off if that ends.

use std::sync::{Arc, Weak};

use tokio::sync::watch;
use tracing::{Instrument, Span, field};
use twinkit_http::Clock;

use super::Cache;
use super::policy::Now;
use super::slot::{Flight, Outcome, Slot};
use crate::runtime::runtime;
use crate::{AuthError, FetchContext, TokenRequest, TokenSource};

/// Whether somebody waits for the fetch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// Callers wait.
    Fetch,
    /// Callers have a good token meanwhile.
    Refresh,
}

/// What the task owns: the slots only weakly, so that it does not keep alive
/// what it works for.
struct Errand {
    source: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    request: TokenRequest,
    mode: Mode,
    own: Weak<Slot>,
    base: Weak<Slot>,
}

impl Flight {
    /// Starts the task. `own` is the slot that callers wait at, `base` the one
    /// that takes the token.
    pub(super) fn start(
        cache: &Cache,
        own: &Arc<Slot>,
        base: &Arc<Slot>,
        request: &TokenRequest,
        mode: Mode,
    ) -> Result<Self, AuthError> {
        let runtime = runtime(cache.source.name())?;
        let errand = Errand {
            source: Arc::clone(&cache.source),
            clock: Arc::clone(&cache.clock),
            request: request.clone(),
            mode,
            own: Arc::downgrade(own),
            base: Arc::downgrade(base),
        };
        let (sender, outcome) = watch::channel(None);
        let span = span(errand.source.name(), request, mode);
        let task = async move {
            let outcome = errand.run().await;
            let _ = sender.send(Some(outcome));
        };
        let task = runtime.spawn(task.instrument(span)).abort_handle();
        Ok(Self { outcome, task, runtime: runtime.id() })
    }
}

impl Errand {
    async fn run(self) -> Outcome {
        let context = FetchContext::new(Arc::clone(&self.clock));
        let context = match self.mode {
            Mode::Fetch => context,
            Mode::Refresh => context.in_background(),
        };
        let started = self.clock.instant();
        Span::current().record("request_id", context.request_id());
        let fetched = self.source.fetch(&self.request, &context).await;
        let now = Now::read(&*self.clock);
        let outcome = fetched.and_then(|token| match self.base.upgrade() {
            Some(base) => {
                base.lock().store(self.source.name(), &token, started, now).map(|()| token)
            }
            None => Ok(token),
        });
        self.settle(outcome.as_ref().err(), now);
        let span = Span::current();
        span.record("elapsed_ms", (now.monotonic - started).as_millis() as u64);
        match &outcome {
            Ok(_) => span.record("outcome", "token"),
            Err(error) => span.record("outcome", field::debug(error.kind())),
        };
        outcome
    }

    /// Ends the flight in the slot where callers wait.
    fn settle(&self, error: Option<&AuthError>, now: Now) {
        let Some(own) = self.own.upgrade() else { return };
        let warn = {
            let mut state = own.lock();
            state.flight = None;
            match error {
                Some(error) => state.fail(error, self.source.input_version(), now),
                None => {
                    state.forget_failure();
                    false
                }
            }
        };
        if let Some(error) = error.filter(|_| warn) {
            tracing::warn!(%error, "the token could not be replaced; the old one is used on");
        }
    }
}

fn span(source: &'static str, request: &TokenRequest, mode: Mode) -> Span {
    tracing::debug_span!(
        "auth.token",
        source,
        scopes = ?request.scopes(),
        mode = match mode {
            Mode::Fetch => "fetch",
            Mode::Refresh => "refresh",
        },
        request_id = field::Empty,
        authority = field::Empty,
        tenant = field::Empty,
        attempts = field::Empty,
        status = field::Empty,
        correlation_id = field::Empty,
        outcome = field::Empty,
        elapsed_ms = field::Empty,
    )
}
