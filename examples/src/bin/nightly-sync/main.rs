//! A nightly job that makes the twins of one building in Azure Digital Twins those of
//! a file. It shows:
//! - a plan before anything is changed, made from what is there, so that a run that
//!   was stopped goes on where it was when the job is run again;
//! - many writes at once, each on the condition that nobody else changed the twin;
//! - deletion of what is gone, in the order that the service wants, and never of more
//!   than a stated share: a source that broke off looks like a building torn down;
//! - exit codes for the scheduler: 0 done, 1 failed for some or all, 2 the source or
//!   the arguments are wrong, 3 so much would be deleted that nothing was done, 130
//!   interrupted.
//!
//! Without an account, on an emulator of its own:
//!
//! ```sh
//! cargo run --package twinkit-examples --bin nightly-sync
//! ```
//!
//! On a real instance, whose models are there already, with the variables that
//! `Credential::from_env` reads (an application with the role *Azure Digital Twins
//! Data Owner*):
//!
//! ```sh
//! export AZURE_DIGITALTWINS_URL=https://NAME.api.REGION.digitaltwins.azure.net
//! export AZURE_TENANT_ID=... AZURE_CLIENT_ID=... AZURE_CLIENT_SECRET=...
//! cargo run --package twinkit-examples --bin nightly-sync -- tower.ndjson --building tower --dry-run
//! ```
//!
//! The source is JSON, an array, or NDJSON, a line for each twin, as in
//! `examples/data/tower.ndjson`. Ids begin with the building's name and a hyphen:
//! that tells its twins from those of others.

mod apply;
mod plan;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Parser;
use twinkit::digital_twins::Client;
use twinkit_emulator::Emulator;
use twinkit_examples::{ending, platform};

use plan::Plan;
use source::Source;

/// The source and the models for the emulator.
const SAMPLE: &str = include_str!("../../../data/tower.ndjson");
const SAMPLE_MODELS: &str = include_str!("../../../data/models.json");

/// Make the twins of a building those of a file.
#[derive(Parser)]
struct Args {
    /// JSON or NDJSON with the building's twins; a sample if left out, on the emulator
    /// only.
    source: Option<PathBuf>,
    /// The building: what comes before the first hyphen of its twins' ids.
    #[arg(long, default_value = "tower")]
    building: String,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Delete at most this share of the building's twins in one night, in percent.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=100))]
    max_deletions: u8,
}

#[tokio::main]
async fn main() -> ExitCode {
    ending::of(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let source = match read(&args) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("error: {}", ending::story(&error));
            return Ok(ExitCode::from(2));
        }
    };
    match platform::digital_twins()? {
        Some(client) => sync(&client, source, &args).await,
        None => {
            platform::tell_emulator("AZURE_DIGITALTWINS_URL");
            let emulator = Emulator::start().await?;
            let client = platform::digital_twins_of(&emulator)?;
            let models: Vec<serde_json::Value> = serde_json::from_str(SAMPLE_MODELS)?;
            client.upload_models(models).send().await?;
            let code = sync(&client, source, &args).await;
            emulator.shutdown().await;
            code
        }
    }
}

fn read(args: &Args) -> anyhow::Result<Source> {
    let text = match &args.source {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?,
        None if platform::variable("AZURE_DIGITALTWINS_URL").is_none() => SAMPLE.to_owned(),
        None => anyhow::bail!("name the file with the building's twins"),
    };
    Source::parse(&text, &args.building)
}

async fn sync(client: &Client, source: Source, args: &Args) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let plan = Plan::make(client, source, &args.building).await?;
    println!("{plan}");
    if let Some(why) = plan.deletes_too_much(args.max_deletions) {
        eprintln!("error: {why}");
        return Ok(ExitCode::from(3));
    }
    if args.dry_run || plan.is_done() {
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = apply::apply(client, plan).await;
    println!("{outcome} in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(outcome.exit_code())
}
