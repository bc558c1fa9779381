//! What the client costs against plain reqwest, in processor time.
//!
//! Both sides run in one process on one thread against the same server, which
//! is a process of its own, so that the time of this process is the clients'
//! alone. Rounds of both sides take turns, and which side begins alternates; a
//! ratio is made per round, so that a machine that slows down half-way does not
//! favour either side.
//!
//! The plain side is what a person would write first: reqwest, `serde_json`
//! into maps, the token preset. These maps are `serde_json`'s usual ones only in
//! a build without the feature `emulator`: the emulator has it keep the order of
//! members, and a build has one `serde_json`.
//!
//! The rows of devices and iTwins have both sides decode into the same types. The
//! row of the token cache reads a token against a lock around a text; that of the
//! start makes a client for each call.
//!
//! Allocations and instructions are counted in processes of their own, over the same
//! workloads: counting costs time.
//!
//! The aims: single calls at most 1.05 times plain reqwest, typed query rows at most
//! 0.7 times, a token from the cache below a microsecond.

mod devices;
mod instructions;
mod itwins;
mod report;
mod server;
mod start;
mod token_cache;
mod twins;
mod workload;

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

pub use crate::support::child::Server;
pub use instructions::{be_counted, count_instructions};
pub use report::{Allocated, Allocations, Instructions, Line, Row, print};
pub use server::serve;
pub use workload::{Side, Workload, all};

/// Rows of one page of the query.
const ROWS_PER_PAGE: usize = 100;
/// Devices of one page, as many as the service gives.
const DEVICES_PER_PAGE: usize = 25;
/// iTwins of one page, as many as the service gives.
const ITWINS_PER_PAGE: usize = 100;

/// The client of the plain side. It tells its name, as services ask of programs, and
/// as ours does: both sides send the same headers.
fn plain_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().user_agent("plain/0.1.0").build()
}

/// Compares both sides in so many rounds of each.
///
/// # Errors
/// A call failed, or brought something else than the server has.
pub async fn compare(workload: &Workload, rounds: usize) -> anyhow::Result<Row> {
    // Connections, caches and the server's pages come up outside the measure.
    for side in [Side::Ours, Side::Plain] {
        workload.run(side, workload.calls).await?;
    }
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            ours.push(measured(workload, Side::Ours).await?);
            plain.push(measured(workload, Side::Plain).await?);
        } else {
            plain.push(measured(workload, Side::Plain).await?);
            ours.push(measured(workload, Side::Ours).await?);
        }
    }
    Ok(Row::new(workload.name, &ours, &plain))
}

/// Microseconds of processor time per call.
async fn measured(workload: &Workload, side: Side) -> anyhow::Result<f64> {
    let before = processor_time()?;
    workload.run(side, workload.calls).await?;
    let spent = processor_time()?.saturating_sub(before);
    let calls = workload.calls as f64;
    Ok(spent.as_secs_f64() * 1e6 / calls)
}

/// User and system time of this process.
fn processor_time() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds = |time: nix::sys::time::TimeVal| -> anyhow::Result<Duration> {
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec())?);
        Ok(seconds + Duration::from_micros(u64::try_from(time.tv_usec())?))
    };
    Ok(microseconds(usage.user_time())? + microseconds(usage.system_time())?)
}
