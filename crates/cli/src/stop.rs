//! The two ways in which a process is asked to stop: Ctrl-C and SIGTERM. It
//! must not know what is stopped.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::exit::INTERRUPTED;

/// How long a command that was interrupted may take to say so itself.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Does a command's work to its end, or until the process is asked to stop.
pub(crate) async fn unless_stopped(
    work: impl Future<Output = Result<ExitCode>>,
) -> Result<ExitCode> {
    let mut stop = Stop::listen()?;
    let mut work = Box::pin(work);
    let done = tokio::select! {
        done = &mut work => Some(done),
        // Commands that have more to say of an interruption hear it as well.
        () = stop.asked() => tokio::time::timeout(LAST_WORDS, &mut work).await.ok(),
    };
    drop(work);
    done.unwrap_or_else(|| {
        eprintln!("\nInterrupted. A change that was under way may have been made.");
        Ok(ExitCode::from(INTERRUPTED))
    })
}

/// Hears the signals from the moment it is made, so that none that comes in
/// between ends the process without clearing up.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn listen() -> Result<Self> {
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

    /// Waits until the process is asked to stop, once more at each call.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self {})
    }

    /// Waits until the process is asked to stop, once more at each call.
    pub(crate) async fn asked(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
