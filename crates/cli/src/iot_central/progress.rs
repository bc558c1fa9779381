//! Shows on stderr how far long work is: a bar on a terminal, else a line now
//! and then. It must not know what the work is.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::identity::claims::printable;

/// Lines that are no bar come no closer than this.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Progress {
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Progress {
    /// Work of `total` parts.
    pub(super) fn of(total: usize) -> Self {
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
    pub(super) fn at(&mut self, done: usize, now: &str, milestone: bool) {
        let now = printable(now);
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                bar.set_message(now);
            }
            None if milestone || self.last.elapsed() >= PAUSE => {
                self.last = Instant::now();
                eprintln!("{now}");
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
