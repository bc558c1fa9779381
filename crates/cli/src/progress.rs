//! Shows on stderr how far long work is: a bar on a terminal, else a line now
//! and then. It must not know what the work is.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::identity::claims::printable;

/// Lines that are no bar come no closer than this.
const PAUSE: Duration = Duration::from_secs(10);

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Progress {
    /// Work of `total` parts.
    pub(crate) fn of(total: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            // The template is a constant; one that were wrong would leave the default.
            if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {pos}/{len} {wide_msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        Self { bar, last: Instant::now() }
    }

    /// `done` parts are done, and this is being done now. A `milestone` is told
    /// in any case.
    pub(crate) fn at(&mut self, done: usize, now: &str, milestone: bool) {
        let now = printable(now);
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                bar.set_message(now);
            }
            None if milestone || self.last.elapsed() >= PAUSE => {
                self.last = Instant::now();
                tell!("{now}");
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    /// The bar goes away; what is left to say is said by others.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shows how far contents are on their way. Clones are the same one.
#[derive(Clone)]
pub(crate) struct TransferBar(Arc<Shown>);

struct Shown {
    what: String,
    bar: Option<ProgressBar>,
    last: Mutex<Instant>,
}

impl TransferBar {
    /// For contents of this name, which is fit for a terminal.
    pub(crate) fn new(what: &str) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length().with_message(what.to_owned());
            let template = "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        let last = Mutex::new(Instant::now());
        Self(Arc::new(Shown { what: what.to_owned(), bar, last }))
    }

    /// So many bytes are there, of so many if that is known.
    pub(crate) fn at(&self, done: u64, total: Option<u64>) {
        let Shown { what, bar, last } = &*self.0;
        if let Some(bar) = bar {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
            return;
        }
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= PAUSE {
            *last = Instant::now();
            let total = total.map(|total| format!(" of {}", HumanBytes(total)));
            tell!("{what}: {}{}", HumanBytes(done), total.unwrap_or_default());
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
