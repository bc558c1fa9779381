//! Everything that one thread logs, at the finest level.

use std::io;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::time::Hourglass;

/// What was logged.
#[derive(Debug, Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Writes down what this thread logs until the guard is dropped; `hourglass`
    /// hears it too.
    pub(super) fn listen(&self, hourglass: &Hourglass) -> DefaultGuard {
        // With a single subscriber in the process, tracing asks the thread that
        // first comes to a span whether it is wanted, and another test's thread
        // says no for all. This second one makes it ask the subscribers.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| tracing_subscriber::registry().into());
        LazyLock::force(&SECOND);
        let log = self.clone();
        let written = fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || log.clone());
        tracing_subscriber::registry().with(written).with(hourglass.clone()).set_default()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
