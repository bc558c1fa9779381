//! A building is synchronised, devices are let in and files uploaded, while everything
//! goes wrong that can: faults of services and connections, tokens that end or are refused,
//! restarts and kills of the emulator. In the end the platforms hold exactly what the plan says.
//!
//! Plan and weather follow from a seed, so that a run can be done again. What happens in
//! between is up to the machine: a seed that fails may pass the next time, and mostly
//! does not.
//!
//! `plan` says what is done and what is there in the end, `workload` does it with
//! the clients, `weather` lets things happen to a [`Process`], `look` reads what is
//! there.

mod clients;
mod devices;
mod dice;
mod files;
mod look;
mod outcome;
mod plan;
mod twins;
mod weather;
mod workload;
mod world;

use std::process::Command;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::sync::watch;

pub use weather::{Counts, Kind};

use crate::support::process::Process;

use clients::Clients;
use plan::Plan;
use weather::{DONE, Weather};
use workload::Workload;

/// What a run is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// Twins of the building.
    pub twins: usize,
    /// Whether the clients repeat what failed.
    pub retry: bool,
    /// Whether the clients get new tokens.
    pub refresh: bool,
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// Steps that were done.
    pub steps: usize,
    /// How long it took.
    pub took: Duration,
    /// What went wrong meanwhile, and how often.
    pub counts: Counts,
    /// Why it failed, if it did: a step failed, or the platforms do not hold what they
    /// ought to, or something of the weather never came about.
    pub fault: Option<anyhow::Error>,
}

/// How long a run may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long tokens live, in seconds. A client uses them for three quarters of it: what is
/// left is for the way to the service, which takes seconds on a machine that is busy.
const TOKEN_LIFE: u64 = 20;

/// Does one run. `command` makes the program that is the emulator.
///
/// # Errors
/// The run cannot begin, or it cannot be told what came of it.
pub async fn run(
    seed: u64,
    options: &Options,
    command: impl Fn() -> Command + Send + Sync + 'static,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let plan = Plan::new(seed, options.twins);
    let mut process = Process::start(command).await?;
    shorten_tokens(&process).await?;
    let clients = Clients::new(&process, options).await?;
    let workload = Workload::new(clients, import_file(&process).await?);
    let mut weather = Weather::new(seed, plan.steps())?;

    let (steps, expired) = (AtomicUsize::new(0), AtomicU64::new(0));
    let done = under(&workload, &plan, &mut weather, &mut process, (&steps, &expired)).await;
    let mut counts = weather.end(&process).await?;
    counts.insert(Kind::TokenExpires, expired.into_inner());
    let fault = match done {
        Ok(()) => judge(&plan, &process, options, &workload, &counts).await.err(),
        Err(error) => Some(error),
    };
    Ok(Report { steps: steps.into_inner(), took: started.elapsed(), counts, fault })
}

/// The workload in the weather.
async fn under(
    workload: &Workload,
    plan: &Plan,
    weather: &mut Weather,
    process: &mut Process,
    (steps, expired): (&AtomicUsize, &AtomicU64),
) -> anyhow::Result<()> {
    let (progress, seen) = watch::channel(0);
    let work = async {
        let done = async {
            workload.run(plan, steps, &progress).await?;
            workload.go_on_until(|| expired.load(Ordering::Relaxed) > 0).await
        };
        let done = tokio::time::timeout(PATIENCE, done).await;
        progress.send_replace(DONE);
        done.context("the workload does not come to its end")?
    };
    // Neither goes on when the other has failed.
    let both = async { tokio::try_join!(work, weather.run(process, seen)) };
    tokio::select! {
        done = both => done.map(drop),
        never = workload.clients.watch_tokens(expired) => match never? {},
    }
}

/// Looks, in fair weather, whether everything is as it ought to be.
async fn judge(
    plan: &Plan,
    process: &Process,
    options: &Options,
    workload: &Workload,
    counts: &Counts,
) -> anyhow::Result<()> {
    let fair = Options { retry: true, refresh: true, ..options.clone() };
    let clients = Clients::new(process, &fair).await?;
    let found = look::look(&clients, workload.folder.get()).await?;
    let differences = world::differences(&plan.expected, &found);
    if !differences.is_empty() {
        bail!("the platforms hold something else:\n  {}", differences.join("\n  "));
    }
    if let Some((kind, _)) = counts.iter().find(|(_, times)| **times == 0) {
        bail!("{kind} never came about, so that the run shows nothing of it");
    }
    Ok(())
}

/// Lets tokens come to their end often. The emulator keeps this when it is killed.
async fn shorten_tokens(process: &Process) -> anyhow::Result<()> {
    let control = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/tokens", process.url("control"));
    for service in ["identity", "ims"] {
        let body = json!({"service": service, "lifetimeSeconds": TOKEN_LIFE});
        weather::post::<Value>(&control, &url, &body).await?;
    }
    Ok(())
}

/// A signed address for the file of the import job.
async fn import_file(process: &Process) -> anyhow::Result<String> {
    let control = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/signed-urls", process.url("control"));
    let body = json!({"container": "imports", "blob": "graph.ndjson", "permissions": "racwd"});
    let answer: Value = weather::post(&control, &url, &body).await?;
    let address =
        answer.get("url").and_then(Value::as_str).context("there is no signed address")?;
    Ok(address.to_owned())
}
