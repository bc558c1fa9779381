//! The two ways in which a process is asked to stop: Ctrl-C and SIGTERM. It
//! must not know what is stopped.

use anyhow::Result;

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
