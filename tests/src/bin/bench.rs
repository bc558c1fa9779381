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

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = match args.counted.side {
        Some(side) => chosen(&args, &args.counted.url).and_then(|workloads| {
            let mut all = workloads.iter();
            all.try_for_each(|work| bench::be_counted(&runtime, work, side, args.counted.calls))
        }),
        None => runtime.block_on(run(&args)),
    };
    stdout::ending(done.map(|()| ExitCode::SUCCESS))
}

async fn run(args: &Args) -> anyhow::Result<()> {
    if args.serve {
        return bench::serve().await;
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
