//! `cargo xtask faults`: every operation under every fault. Exit code 1 if
//! anything is not as it should be.

use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::faults::{self, Settings};
use twinkit_tests::stdout;

#[derive(Parser)]
#[command(name = "faults", about = "Call every operation while something fails")]
struct Args {
    /// Print one JSON array of cells.
    #[arg(long)]
    json: bool,
    /// Only operations of this name, at length.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(Args::parse()))
}

fn run(args: Args) -> anyhow::Result<ExitCode> {
    let settings = Settings { operation: args.operation, ..Settings::default() };
    let matrix = faults::play(&settings)?;
    if args.json {
        stdout::line(serde_json::to_string(&matrix.cells().collect::<Vec<_>>())?)?;
    } else if settings.operation.is_some() {
        stdout::print(format_args!("{}{}", matrix.details(), matrix.differences()))?;
    } else {
        stdout::print(&matrix)?;
    }
    let holds = matrix.failed().next().is_none();
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
