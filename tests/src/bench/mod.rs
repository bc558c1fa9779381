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
//! The last row reads a token from the cache, against a lock around a text.
//!
//! The row of devices has both sides decode into the same types.
//!
//! The aims: both rows of single calls and that of devices at most 1.10 times
//! plain reqwest, the row of typed query rows below 1.0, a token from the cache
//! below a microsecond.

mod devices;
mod ours;
mod plain;
mod report;
mod server;
mod token_cache;

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

pub use crate::support::child::Server;
pub use report::Row;
pub use server::serve;

/// Rows of the whole query, and of one page.
const ROWS: usize = 100_000;
const ROWS_PER_PAGE: usize = 100;
const PAGES: usize = ROWS / ROWS_PER_PAGE;
/// Devices of one page, as many as the service gives, and pages of the list.
const DEVICES_PER_PAGE: usize = 25;
const DEVICE_PAGES: usize = 400;
/// Single calls of one side in one round: enough to be far above the clock's
/// step.
const SINGLE_CALLS: usize = 2_000;
/// The token that both sides send; as long as real ones are.
const TOKEN_LENGTH: usize = 1_200;

/// Runs every comparison with so many rounds of each side.
///
/// # Errors
/// A call failed, or brought something else than the server has.
pub async fn run(server: &Server, rounds: usize) -> anyhow::Result<Vec<Row>> {
    let token = "t".repeat(TOKEN_LENGTH);
    let ours = ours::Ours::new(server.url(), &token)?;
    let plain = plain::Plain::new(server.url(), &token)?;
    let mut rows = Vec::new();

    let name = "get_twin";
    rows.push(
        compare(name, rounds, SINGLE_CALLS, || ours.get_twins(), || plain.get_twins()).await?,
    );
    let name = "get_twin typed";
    rows.push(
        compare(name, rounds, SINGLE_CALLS, || ours.get_typed_twins(), || plain.get_twins())
            .await?,
    );
    let name = "query rows typed";
    rows.push(compare(name, rounds, PAGES, || ours.query(), || plain.query()).await?);
    let (of_ours, of_plain) =
        (devices::Ours::new(server.url(), &token)?, devices::Plain::new(server.url(), &token)?);
    let name = "devices in pages";
    rows.push(compare(name, rounds, DEVICE_PAGES, || of_ours.list(), || of_plain.list()).await?);
    let (ours, plain) = (token_cache::Ours::new(&token)?, token_cache::Plain::new(&token));
    let name = "token from cache";
    rows.push(compare(name, rounds, token_cache::READS, || ours.read(), || plain.read()).await?);
    Ok(rows)
}

/// Lets both sides make `calls` calls per round.
async fn compare<A, B>(
    name: &'static str,
    rounds: usize,
    calls: usize,
    ours: impl Fn() -> A,
    plain: impl Fn() -> B,
) -> anyhow::Result<Row>
where
    A: Future<Output = anyhow::Result<()>>,
    B: Future<Output = anyhow::Result<()>>,
{
    // Connections, caches and the server's pages come up outside the measure.
    ours().await?;
    plain().await?;
    let (mut of_ours, mut of_plain) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            of_ours.push(measured(&ours, calls).await?);
            of_plain.push(measured(&plain, calls).await?);
        } else {
            of_plain.push(measured(&plain, calls).await?);
            of_ours.push(measured(&ours, calls).await?);
        }
    }
    Ok(Row::new(name, &of_ours, &of_plain))
}

/// Microseconds of processor time per call.
async fn measured<F>(side: impl Fn() -> F, calls: usize) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let before = processor_time()?;
    side().await?;
    let spent = processor_time()?.saturating_sub(before);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let calls = calls as f64;
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
