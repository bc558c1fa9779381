//! The clock of the matrix: real time passes while anything is on its way, and
//! what is only waiting takes no time.
//!
//! A clock that is simply paused jumps to the next timer whenever no socket has
//! something to read, also while bytes are still inside the kernel: time limits
//! then fire at random. Here it jumps only while somebody said that nothing will
//! happen: the client, whose log tells how long it waits before it tries again,
//! or a server that keeps a client waiting.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{self, Instant};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The clock of one runtime.
#[derive(Debug, Clone, Default)]
pub(super) struct Hourglass {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    paused: bool,
    client_waits_until: Option<Instant>,
    server_waits_until: Option<Instant>,
}

impl Hourglass {
    /// A runtime that goes by this clock.
    pub(super) fn runtime(&self) -> std::io::Result<Runtime> {
        let hourglass = self.clone();
        Builder::new_current_thread().enable_all().on_thread_park(move || hourglass.turn()).build()
    }

    /// Says that the client does nothing before `then`.
    pub(super) fn client_waits_until(&self, then: Instant) {
        self.with(|state| state.client_waits_until = Some(then));
    }

    /// Says that the server does nothing before `then`, while the client waits
    /// for it; `None` if that is over.
    pub(super) fn server_waits_until(&self, then: Option<Instant>) {
        self.with(|state| state.server_waits_until = then);
    }

    /// Forgets who waited: something begins.
    pub(super) fn begin(&self) {
        self.with(|state| (state.client_waits_until, state.server_waits_until) = (None, None));
    }

    /// Lets time jump by so much at once.
    pub(super) async fn pass(&self, time: Duration) {
        self.with(State::pause);
        time::advance(time).await;
    }

    /// Before the runtime goes to sleep.
    fn turn(&self) {
        self.with(|state| {
            let then = state.client_waits_until.max(state.server_waits_until);
            if then.is_some_and(|then| Instant::now() < then) {
                state.pause();
            } else {
                state.resume();
            }
        });
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    fn pause(&mut self) {
        if !self.paused {
            time::pause();
            self.paused = true;
        }
    }

    fn resume(&mut self) {
        if self.paused {
            time::resume();
            self.paused = false;
        }
    }
}

/// Hears from the log how long the client waits.
impl<S: Subscriber> Layer<S> for Hourglass {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut wait = Wait::default();
        event.record(&mut wait);
        if let Some(wait) = wait.0 {
            self.client_waits_until(Instant::now() + wait);
        }
    }
}

/// The fields in which calls and token requests say how long they wait.
#[derive(Default)]
struct Wait(Option<Duration>);

impl Visit for Wait {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "wait_seconds" {
            self.0 = Duration::try_from_secs_f64(value).ok();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "pause_ms" {
            self.0 = Some(Duration::from_millis(value));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_jumps_only_where_nothing_happens() {
        let hourglass = Hourglass::default();
        let runtime = hourglass.runtime().unwrap();
        runtime.block_on(async {
            let (begin, real) = (Instant::now(), std::time::Instant::now());
            hourglass.client_waits_until(begin + Duration::from_secs(60));
            time::sleep(Duration::from_secs(60)).await;
            assert!(begin.elapsed() >= Duration::from_secs(60));
            assert!(real.elapsed() < Duration::from_secs(30));
            let (begin, real) = (Instant::now(), std::time::Instant::now());
            time::sleep(Duration::from_millis(20)).await;
            assert!(begin.elapsed() >= Duration::from_millis(20));
            assert!(real.elapsed() >= Duration::from_millis(15));
            let begin = Instant::now();
            hourglass.pass(Duration::from_secs(3600)).await;
            assert!(begin.elapsed() >= Duration::from_secs(3600));
        });
    }
}
