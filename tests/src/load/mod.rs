//! Many callers at once, for long: nothing may lock up, pile up or starve.
//!
//! Three parts, against a server in a process of its own, on two threads: a
//! crowd that calls as fast as it can; a crowd on a client with pacing, some of
//! whom give up in line; one query of very many rows. Tokens end while the crowds
//! call and all are revoked once.
//!
//! A crowd waits for its answers, so that what piles up would have to be in the
//! client: its memory, its connections and the tasks that it has begun are
//! bounded.

mod crowd;
mod memory;
mod report;
mod server;
mod stream;

use std::io;
use std::time::Duration;

use crowd::Plan;

pub use crate::support::child::Server;
pub use report::{Check, Part};
pub use server::{Counts, serve};

/// Rows of one page of a query.
const ROWS_PER_PAGE: usize = 1000;
/// Requests per second of the paced crowd: of 500 tasks each has its turn every
/// five seconds.
const PACE: u32 = 100;

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Seconds for each crowd.
    pub seconds: u64,
    /// Tasks of a crowd.
    pub tasks: usize,
    /// Rows of the query.
    pub rows: usize,
}

/// Runs all parts; `told` hears of each as it is done.
///
/// # Errors
/// The server fails, a crowd does not end, rows are missing, or `told` failed.
pub async fn run(
    server: &Server,
    settings: Settings,
    mut told: impl FnMut(&Part) -> io::Result<()>,
) -> anyhow::Result<Vec<Part>> {
    let Settings { seconds, tasks, rows } = settings;
    // A token is handed out for the first three quarters of its life. The last
    // quarter is longer than one who is paced stands in line.
    let token_life = (seconds / 2).max(36);
    let time = Duration::from_secs(seconds);
    let mut parts = Vec::new();
    let mut add = |part: Part| {
        told(&part)?;
        parts.push(part);
        anyhow::Ok(())
    };
    // First, while no crowd has left its memory behind.
    add(Part::of_stream(&stream::run(server.url(), rows).await?))?;
    for (name, pace) in [("crowd", None), ("crowd, paced", Some(PACE))] {
        let plan = Plan { tasks, time, pace, token_life };
        add(Part::of_crowd(name, plan, crowd::run(server.url(), plan).await?))?;
    }
    Ok(parts)
}
