//! The chaos run: `cargo xtask chaos`. One line for each seed; the first one that fails
//! ends it, with what to do to see it again.
//!
//! The program is the emulator as well, as a process of its own.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use twinkit_emulator::Emulator;
use twinkit_tests::chaos::{Options, Report, run};
use twinkit_tests::stdout;
use twinkit_tests::support::process::free_ports;

/// Services of an emulator, each with a port.
const SERVICES: u16 = 9;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    chaos: Chaos,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Args)]
struct Chaos {
    /// Seeds from 1 to this one.
    #[arg(long, default_value_t = 50)]
    seeds: u64,
    /// Only this seed.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Twins of the building.
    #[arg(long, default_value_t = 5_000)]
    twins: usize,
    /// What the clients go without; the run must fail then.
    #[arg(long, value_enum)]
    without: Option<Without>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Without {
    /// No repeats.
    Retry,
    /// No new tokens.
    Refresh,
}

#[derive(Subcommand)]
enum Role {
    /// Be the emulator.
    #[command(hide = true)]
    Emulate { data: PathBuf, port: u16 },
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(play(Arguments::parse()).await)
}

async fn play(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if let Some(Role::Emulate { data, port }) = arguments.role {
        emulate(data, port).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let Chaos { seeds, seed, twins, without } = arguments.chaos;
    let options = Options {
        twins,
        retry: without != Some(Without::Retry),
        refresh: without != Some(Without::Refresh),
    };
    let seeds = seed.map_or(1..=seeds, |seed| seed..=seed);
    for seed in seeds {
        if let Some(fault) = one(seed, &options).await? {
            stdout::line(format_args!("seed {seed} FAILED: {fault:#}"))?;
            stdout::line(format_args!("again: {}", again(seed, twins, without)))?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What to do to see a seed again.
fn again(seed: u64, twins: usize, without: Option<Without>) -> String {
    let mut command = format!("cargo xtask chaos --seed {seed} --twins {twins}");
    if let Some(value) = without.and_then(|without| without.to_possible_value()) {
        command.push_str(" --without ");
        command.push_str(value.get_name());
    }
    command
}

/// Does one seed and prints what happened; answers why it failed, if it did.
async fn one(seed: u64, options: &Options) -> anyhow::Result<Option<anyhow::Error>> {
    let folder = tempfile::Builder::new().prefix("twinkit-chaos-").tempdir()?;
    let (program, data) = (std::env::current_exe()?, folder.path().join("state"));
    let port = free_ports(SERVICES).context("there are no free ports")?;
    let command = move || {
        let mut command = Command::new(&program);
        command.arg("emulate").arg(&data).arg(port.to_string());
        command
    };
    let report = run(seed, options, command).await?;
    stdout::line(line(seed, &report))?;
    if report.fault.is_some() {
        // To be looked at.
        let folder = folder.keep();
        stdout::line(format_args!("the emulator's state is left in {}", folder.display()))?;
    }
    Ok(report.fault)
}

fn line(seed: u64, report: &Report) -> String {
    let Report { steps, took, counts, .. } = report;
    let counts: Vec<String> =
        counts.iter().map(|(kind, times)| format!("{kind} {times}")).collect();
    format!("seed {seed}: {steps} steps in {:.1} s; {}", took.as_secs_f64(), counts.join(", "))
}

async fn emulate(data: PathBuf, port: u16) -> anyhow::Result<()> {
    let mut asked = signal(SignalKind::terminate())?;
    let emulator = Emulator::builder().data(data).port(port).start().await?;
    stdout::line(serde_json::json!({"services": emulator.services()}))?;
    asked.recv().await;
    emulator.shutdown().await;
    Ok(())
}
