//! A building is synchronised, devices are let in and files uploaded, while everything
//! goes wrong that can: faults of services and connections, tokens that end, restarts and
//! kills of the emulator. In the end the platforms hold exactly what the plan says.
//!
//! Plan and weather follow from a seed, so that a run can be done again. What happens in
//! between is up to the machine: a seed that fails may pass the next time, and mostly
//! does not.
//!
//! [`plan`] says what is done and what is there in the end, [`workload`] does it with
//! the clients, [`weather`] lets things happen to a [`Process`], [`look`] reads what is
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

/// What came of a run that ended well.
#[derive(Clone, Debug)]
pub struct Report {
    /// Steps that were done.
    pub steps: usize,
    /// How long it took.
    pub took: Duration,
    /// What went wrong meanwhile, and how often.
    pub counts: Counts,
}

/// How long a run may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(600);

/// Does one run. `command` makes the program that is the emulator.
///
/// # Errors
/// A step failed, or the platforms do not hold what they ought to, or something of the
/// weather never came about.
pub async fn run(
    seed: u64,
    options: &Options,
    command: impl Fn() -> Command + Send + Sync + 'static,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let plan = Plan::new(seed, options.twins);
    let mut process = Process::start(command).await?;
    let clients = Clients::new(&process, options).await?;
    let workload = Workload::new(clients, import_file(&process).await?);
    let weather = Weather::new(seed, plan.steps());
    let (progress, seen) = watch::channel(0);
    let work = async {
        let done = tokio::time::timeout(PATIENCE, workload.run(&plan, &progress)).await;
        progress.send_replace(DONE);
        done.context("the workload does not come to its end")?
    };
    // Neither goes on when the other has failed.
    let ((), counts) = tokio::try_join!(work, weather.run(&mut process, seen))?;

    let fair = Options { retry: true, refresh: true, ..options.clone() };
    let clients = Clients::new(&process, &fair).await?;
    let found = look::look(&clients, workload.folder.get()).await?;
    let differences = world::differences(&plan.expected, &found);
    if !differences.is_empty() {
        bail!("the platforms hold something else:\n  {}", differences.join("\n  "));
    }
    if let Some((kind, _)) = counts.iter().find(|(_, times)| **times == 0) {
        bail!("{kind} never came about, so that the run shows nothing of it");
    }
    Ok(Report { steps: plan.steps(), took: started.elapsed(), counts })
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
