//! Shows how far a transfer is: a line that renews itself on a terminal, else a line for
//! each tenth. It must not know what is transferred.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Clones show on the same line.
#[derive(Clone)]
pub(crate) struct Meter {
    name: String,
    is_terminal: bool,
    /// The percentage shown last.
    shown: Arc<AtomicU64>,
}

impl Meter {
    pub(crate) fn new(name: &str) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { name: name.to_owned(), is_terminal, shown: Arc::default() }
    }

    /// So many bytes are on their way. Called for every piece: it shows little.
    pub(crate) fn at(&self, done: u64, total: Option<u64>) {
        let Some(percent) = total.and_then(|total| (done * 100).checked_div(total)) else { return };
        let step = if self.is_terminal { 1 } else { 10 };
        let before = self.shown.swap(percent, Ordering::Relaxed);
        if percent / step == before / step {
            return;
        }
        let end = if self.is_terminal { '\r' } else { '\n' };
        // Nothing depends on its being seen.
        let _ = write!(io::stderr(), "{}: {percent} %{end}", self.name);
    }

    /// The transfer has ended, well or not.
    pub(crate) fn end(&self) {
        if self.is_terminal {
            eprintln!();
        }
    }
}
