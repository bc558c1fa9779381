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
    let heard_by = hearing();
    let mut work = Box::pin(work);
    let done = tokio::select! {
        done = &mut work => Some(done),
        () = stop.asked() => last_words(&mut work, heard_by).await,
    };
    drop(work);
    done.unwrap_or_else(|| {
        tell!("{MAY_BE_DONE}");
        Ok(ExitCode::from(INTERRUPTED))
    })
}

/// What comes of work that has more to say of an interruption: it hears the same one,
/// maybe a moment later. `heard_by` is how many heard the signals before it began; what
/// hears none would only go on, and is not waited for.
pub(crate) async fn last_words<T>(work: impl Future<Output = T>, heard_by: usize) -> Option<T> {
    if hearing() > heard_by { tokio::time::timeout(LAST_WORDS, work).await.ok() } else { None }
}

/// How many hear the signals at this moment.
pub(crate) fn hearing() -> usize {
    HEARING.load(Ordering::SeqCst)
}

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

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> Result<Self> {
        use anyhow::Context;
        let signals = tokio::signal::windows::ctrl_c();
        Ok(Self(signals.context("Ctrl-C cannot be listened for")?))
    }

    async fn asked(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_that_hears_the_signals_too_has_the_last_word() {
        let _stop = Stop::listen().unwrap();
        let heard_by = hearing();
        assert_eq!(last_words(async { "deaf" }, heard_by).await, None);
        let other = Stop::listen().unwrap();
        assert_eq!(last_words(async { "heard" }, heard_by).await, Some("heard"));
        assert_eq!(last_words(std::future::pending::<()>(), heard_by).await, None);
        drop(other);
        assert_eq!(last_words(async { "deaf" }, heard_by).await, None);
    }
}
