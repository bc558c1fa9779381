//! Ends a process that was asked to stop and goes on: its task may wait in a call of
//! the system that never returns, as when nobody reads its output, and then hears no
//! signal. It watches from a thread of its own, and must not know what the process does.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{LAST_WORDS, MAY_BE_DONE, Signals};
use crate::exit::INTERRUPTED;

/// How long a process that was asked to stop may go on: longer than its last words.
const GRACE: Duration = Duration::from_secs(2 * LAST_WORDS.as_secs());

static WATCHES: AtomicBool = AtomicBool::new(false);
static CLEARS_UP: AtomicBool = AtomicBool::new(false);

/// Watches from the first call on, to the end of the process.
pub(super) fn begin() -> Result<()> {
    if WATCHES.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    // One that is sent before the thread runs is heard all the same.
    let signals = Signals::listen()?;
    let failed = "the thread that watches for signals cannot be started";
    // Threads of the program's runtime may all be kept waiting.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context(failed)?;
    let watch = move || {
        runtime.block_on(overdue(signals));
        end()
    };
    thread::Builder::new().spawn(watch).context(failed)?;
    Ok(())
}

/// The process has heard the signal and clears up: it ends when that is done, or soon
/// after a second one.
pub(super) fn wait_for_clearing() {
    CLEARS_UP.store(true, Ordering::SeqCst);
}

/// Waits until the process was asked to stop and should have ended.
async fn overdue(mut signals: Signals) {
    signals.asked().await;
    let end = Instant::now() + GRACE;
    let is_asked_again = timeout(GRACE, signals.asked()).await.is_ok();
    sleep_until(end).await;
    if CLEARS_UP.load(Ordering::SeqCst) {
        if !is_asked_again {
            signals.asked().await;
        }
        sleep(GRACE).await;
    }
}

/// Ends the process with a word on stderr, unless that is what nobody reads.
fn end() {
    let (sender, told) = mpsc::channel();
    let tell = move || {
        tell!("{MAY_BE_DONE}");
        // Nobody waits for it any more if it took too long.
        let _ = sender.send(());
    };
    if thread::Builder::new().spawn(tell).is_ok() {
        let _ = told.recv_timeout(Duration::from_secs(1));
    }
    process::exit(INTERRUPTED.into());
}
