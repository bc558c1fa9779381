//! The `twinkit` command: an emulator to work against, and the main job shown
//! from end to end. Each command has its file; this one only tells them apart.

mod demo;
mod emulate;
mod listening;
mod stop;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Typed access to the platforms where digital twins live.
///
/// Exit codes: 0 success, 1 a step failed, 2 wrong usage, 130 interrupted.
#[derive(Parser)]
#[command(name = "twinkit", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Emulate(emulate::Args),
    Demo(demo::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Emulate(args) => emulate::run(args).await,
        Command::Demo(args) => demo::run(args).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
