//! The two ways in which a process is asked to stop: Ctrl-C and SIGTERM. It
//! must not know what is stopped.

mod watch;

use std::future::Future;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;

use crate::exit::INTERRUPTED;

/// How long a command that was interrupted may take to say so itself.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is said for a command that has not ended by itself.
const MAY_BE_DONE: &str = "\nInterrupted. A change that was under way may have been made.";

/// Does a command's work to its end, or until the process is asked to stop.
pub(crate) async fn unless_stopped(
    work: impl Future<Output = Result<ExitCode>>,
) -> Result<ExitCode> {
    let mut stop = Stop::listen()?;
    let mut work = Box::pin(work);
    let done = tokio::select! {
        done = &mut work => Some(done),
        // Commands that have more to say of an interruption hear it as well; others
        // would only go on.
        () = stop.asked() => match stop.is_heard_elsewhere() {
            true => tokio::time::timeout(LAST_WORDS, &mut work).await.ok(),
            false => None,
        },
    };
    drop(work);
    done.unwrap_or_else(|| {
        tell!("{MAY_BE_DONE}");
        Ok(ExitCode::from(INTERRUPTED))
    })
}

/// How many hear the signals at this moment.
static HEARING: AtomicUsize = AtomicUsize::new(0);

/// One that hears them, for as long as it lives.
struct Hearing;

impl Hearing {
    fn begin() -> Self {
        HEARING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        HEARING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Hears the signals from the moment it is made, so that none that comes in
/// between ends the process without clearing up.
pub(crate) struct Stop {
    _hearing: Hearing,
    signals: Signals,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self> {
        let stop = Self { _hearing: Hearing::begin(), signals: Signals::listen()? };
        // From now on no signal ends the process by itself.
        watch::begin()?;
        Ok(stop)
    }

    /// Waits until the process is asked to stop, once more at each call. It has to end
    /// soon after, or is ended.
    pub(crate) async fn asked(&mut self) {
        self.signals.asked().await;
    }

    /// The same for what clears up, and takes the time it needs unless it is asked once
    /// more.
    pub(crate) async fn asked_to_clear_up(&mut self) {
        self.signals.asked().await;
        watch::wait_for_clearing();
    }

    /// Whether somebody else hears the signals as well, and has words of their own
    /// for them.
    fn is_heard_elsewhere(&self) -> bool {
        HEARING.load(Ordering::SeqCst) > 1
    }
}

/// The signals themselves.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self> {
        use anyhow::Context;
        use tokio::signal::unix::{Signal, SignalKind, signal};
        let listen = |kind: SignalKind| -> Result<Signal> {
            signal(kind).context("the signals to stop cannot be listened for")
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self)
    }

    async fn asked(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_hears_the_signals_is_counted_as_long_as_it_lives() {
        let stop = Stop::listen().unwrap();
        assert!(!stop.is_heard_elsewhere());
        let other = Stop::listen().unwrap();
        assert!(stop.is_heard_elsewhere());
        drop(other);
        assert!(!stop.is_heard_elsewhere());
    }
}
