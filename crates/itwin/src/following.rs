//! What the waits of this client have in common. It must not know what is asked,
//! nor what the states are called.

use progenitor_client::Progress;

/// A wait, to be started by [`wait`](progenitor_client::following::Wait::wait). It
/// holds a client of its own.
pub type Wait<T> = progenitor_client::following::Wait<'static, T>;

/// How an operation's own table reads a state. What it does not list goes on.
pub(crate) fn judged(
    operations: &'static [progenitor_client::Operation],
    id: &str,
    state: &str,
) -> Progress {
    let row = operations.iter().find(|row| row.id == id);
    row.and_then(|row| row.wait).map_or(Progress::Running, |wait| wait.progress(state))
}
