//! `cargo xtask load`: many callers at once, for long. Exit code 1 if anything is
//! not as asked.

use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::load::{self, Part, Server, Settings};
use twinkit_tests::stdout;

/// How this program starts itself as the server.
const SERVE: &str = "--serve";

#[derive(Parser)]
#[command(name = "load", about = "Call from many tasks at once, for long")]
struct Args {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
    /// Seconds for each crowd.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Tasks of a crowd.
    #[arg(long, default_value_t = 500)]
    tasks: usize,
    /// Rows of the query.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.serve {
        load::serve().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let Args { json, seconds, tasks, rows, .. } = args;
    let server = Server::start(SERVE)?;
    let told = |part: &Part| if json { Ok(()) } else { stdout::line(part) };
    let parts = load::run(&server, Settings { seconds, tasks, rows }, told).await?;
    if json {
        stdout::line(serde_json::to_string(&parts)?)?;
    }
    let holds = parts.iter().all(Part::holds);
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
