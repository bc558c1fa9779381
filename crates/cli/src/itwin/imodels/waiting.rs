//! Waiting for what takes the platform a while, with its state told on stderr.

use std::time::Duration;

use twinkit::itwin::Wait;

use crate::identity::claims::printable;

#[derive(Clone, Copy, clap::Args)]
pub(super) struct WaitArgs {
    /// Wait until it is ready.
    #[arg(long)]
    pub(super) wait: bool,
    /// Give up waiting after so many seconds; what is waited for goes on.
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    within: Option<u64>,
}

impl WaitArgs {
    /// The wait, with each new state told.
    pub(super) fn told<T: Send + Sync + 'static>(
        self,
        wait: Wait<T>,
        what: &'static str,
        state: impl Fn(&T) -> String + Send + 'static,
    ) -> Wait<T> {
        let mut last = String::new();
        let wait = wait.on_look(move |seen| {
            let state = state(seen);
            if state != last {
                tell!("{what} is {}.", printable(&state));
                last = state;
            }
        });
        match self.within {
            Some(seconds) => wait.deadline(Duration::from_secs(seconds)),
            None => wait,
        }
    }
}
