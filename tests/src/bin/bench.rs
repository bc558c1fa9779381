//! `cargo xtask bench`: the clients against plain reqwest, by processor time or by
//! instructions.

use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::bench::{self, Server, Side, Workload};
use twinkit_tests::stdout;

/// How this program starts itself as the server.
const SERVE: &str = "--serve";

#[derive(Parser)]
#[command(name = "bench", about = "Compare the clients with plain reqwest")]
struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Only workloads whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Only the workload of this name.
    #[arg(long, hide = true, conflicts_with = "only")]
    workload: Option<String>,
    /// Rounds of each side.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Count instructions, by valgrind's callgrind, in place of time.
    #[arg(long)]
    instructions: bool,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
    #[command(flatten)]
    counted: Counted,
}

/// Do one side's work and nothing else: what `--instructions` starts.
#[derive(clap::Args)]
struct Counted {
    #[arg(long, hide = true, requires_all = ["calls", "url"])]
    side: Option<Side>,
    #[arg(long, hide = true, default_value_t = 1)]
    calls: usize,
    #[arg(long, hide = true, default_value = "")]
    url: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(&Args::parse()).await.map(|()| ExitCode::SUCCESS))
}

async fn run(args: &Args) -> anyhow::Result<()> {
    if args.serve {
        return bench::serve().await;
    }
    if let Some(side) = args.counted.side {
        for workload in chosen(args, &args.counted.url)? {
            workload.run(side, args.counted.calls).await?;
        }
        return Ok(());
    }
    if cfg!(feature = "emulator") {
        eprintln!("The maps of the plain side keep order: use `--no-default-features`.");
    }
    let server = Server::start(SERVE)?;
    let workloads = chosen(args, server.url())?;
    if args.instructions {
        let mut rows = Vec::new();
        for workload in &workloads {
            rows.push(bench::count_instructions(workload, server.url())?);
        }
        return bench::print(&rows, args.json);
    }
    let mut rows = Vec::new();
    for workload in &workloads {
        rows.push(bench::compare(workload, args.rounds).await?);
    }
    bench::print(&rows, args.json)
}

/// The workloads asked for.
fn chosen(args: &Args, url: &str) -> anyhow::Result<Vec<Workload>> {
    let mut all = bench::all(url)?;
    all.retain(|workload| {
        args.only.as_ref().is_none_or(|text| workload.name.contains(text))
            && args.workload.as_ref().is_none_or(|name| workload.name == name)
    });
    Ok(all)
}
