//! The fault matrix: every operation of every API, called through its generated
//! caller, while the network, a gateway, the service or the token endpoint fails.
//!
//! Of each call is asserted how often it is sent and that it is the same each
//! time; that nothing is sent twice that must not be; what the error says; how
//! long it takes, on the clock of `time`; and that neither the error nor the
//! log shows a secret. What is expected comes from the specification and from the
//! documented figures (`expected`), never from the runtime's own tables.
//!
//! The clients are as they are by default, but for a budget of repeats without
//! end: the calls of a matrix must not pay for each other.

mod cell;
mod expected;
mod fault;
mod log;
mod report;
mod script;
mod server;
mod stage;
mod time;
mod work;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, ensure};
use progenitor_client::CallOptions;

use crate::coverage::APIS;
use log::Log;
use stage::Stage;
use time::Hourglass;
use work::Work;

pub use cell::Cell;
pub use fault::Fault;
pub use report::Matrix;

/// What to play.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The APIs whose operations are called.
    pub apis: Vec<&'static str>,
    /// Only operations of this name.
    pub operation: Option<String>,
    /// How the operations are called.
    pub options: CallOptions,
}

impl Default for Settings {
    /// Everything.
    fn default() -> Self {
        Self { apis: APIS.to_vec(), operation: None, options: CallOptions::new() }
    }
}

/// Plays the matrix on all processors.
///
/// # Errors
/// There is no such operation, or a stage cannot be set.
pub fn play(settings: &Settings) -> anyhow::Result<Matrix> {
    let rows = work::rows(&settings.apis, settings.operation.as_deref())?;
    ensure!(!rows.is_empty(), "there is no operation of that name");
    let (next, played) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(rows.len());
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| take_turns(&rows, &next, &played, &settings.options)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().map_err(|_| anyhow::anyhow!("a thread of the matrix panicked"))?
        })
    })?;
    let mut rows = played.into_inner().ok().context("a thread of the matrix panicked")?;
    rows.sort_by_key(|(number, _)| *number);
    Ok(Matrix::new(rows.into_iter().map(|(_, cells)| cells).collect()))
}

/// Plays whole rows until none is left.
fn take_turns(
    rows: &[Work],
    next: &AtomicUsize,
    played: &Mutex<Vec<(usize, Vec<Cell>)>>,
    options: &CallOptions,
) -> anyhow::Result<()> {
    let (hourglass, log) = (Hourglass::default(), Log::default());
    let _listening = log.listen(&hourglass);
    hourglass.runtime()?.block_on(async {
        let stage = Stage::start(&hourglass).await?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(work) = rows.get(number) else { return Ok(()) };
            let mut cells = Vec::new();
            for fault in Fault::all() {
                cells.push(cell::play(&stage, &log, work, fault, options).await?);
            }
            if let Ok(mut played) = played.lock() {
                played.push((number, cells));
            }
        }
    })
}
