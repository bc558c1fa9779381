//! What is measured: the same work done by a client and by plain reqwest.

use std::sync::Arc;

use twinkit_auth::BoxFuture;

use super::{devices, itwins, start, token_cache, twins};

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Side {
    /// The client.
    Ours,
    /// Plain reqwest.
    Plain,
}

impl Side {
    /// As it is written on a command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Plain => "plain",
        }
    }
}

type Work = Box<dyn Fn(usize) -> BoxFuture<'static, anyhow::Result<()>>>;

/// Work that both sides do.
pub struct Workload {
    /// Its name in the results.
    pub name: &'static str,
    /// Calls of one round: enough to be far above the clock's step. A page counts as
    /// one call.
    pub calls: usize,
    ours: Work,
    plain: Work,
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workload").field("name", &self.name).field("calls", &self.calls).finish()
    }
}

impl Workload {
    /// Lets a side make so many calls.
    ///
    /// # Errors
    /// A call failed, or brought something else than the server has.
    pub async fn run(&self, side: Side, calls: usize) -> anyhow::Result<()> {
        match side {
            Side::Ours => (self.ours)(calls).await,
            Side::Plain => (self.plain)(calls).await,
        }
    }
}

/// One workload; each side is a value and the method of it that works.
macro_rules! workload {
    ($name:literal, $calls:expr, $ours:ident . $by_ours:ident, $plain:ident . $by_plain:ident) => {{
        let (ours, plain) = (Arc::clone(&$ours), Arc::clone(&$plain));
        Workload {
            name: $name,
            calls: $calls,
            ours: Box::new(move |calls| {
                let ours = Arc::clone(&ours);
                Box::pin(async move { ours.$by_ours(calls).await })
            }),
            plain: Box::new(move |calls| {
                let plain = Arc::clone(&plain);
                Box::pin(async move { plain.$by_plain(calls).await })
            }),
        }
    }};
}

/// All workloads, against the server at `url`.
///
/// # Errors
/// A client cannot be made.
pub fn all(url: &str) -> anyhow::Result<Vec<Workload>> {
    /// As long as real ones are.
    const TOKEN_LENGTH: usize = 1_200;
    let token = "t".repeat(TOKEN_LENGTH);
    let ours = Arc::new(twins::Ours::new(url, &token)?);
    let plain = Arc::new(twins::Plain::new(url, &token)?);
    let our_devices = Arc::new(devices::Ours::new(url, &token)?);
    let devices = Arc::new(devices::Plain::new(url, &token)?);
    let our_itwins = Arc::new(itwins::Ours::new(url, &token)?);
    let itwins = Arc::new(itwins::Plain::new(url, &token)?);
    let our_cache = Arc::new(token_cache::Ours::new(&token)?);
    let cache = Arc::new(token_cache::Plain::new(&token));
    let start = Arc::new(start::Start::new(url, &token));
    Ok(vec![
        workload!("get_twin", 2_000, ours.get_twins, plain.get_twins),
        workload!("get_twin typed", 2_000, ours.get_typed_twins, plain.get_twins),
        workload!("query rows typed", 1_000, ours.query, plain.query),
        workload!("get_device", 2_000, our_devices.get, devices.get),
        workload!("devices in pages", 400, our_devices.list, devices.list),
        workload!("get_itwin", 2_000, our_itwins.get, itwins.get),
        workload!("itwins in pages", 400, our_itwins.list, itwins.list),
        workload!("token from cache", 200_000, our_cache.read, cache.read),
        workload!("start", 20, start.ours, start.plain),
    ])
}
