//! `cargo xtask bench`: what the clients take from the allocator, against plain
//! reqwest. A program of its own, since an allocator that counts takes time.

use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::bench::{self, Allocated, Allocations, Server, Side, Workload};
use twinkit_tests::stdout;

/// How this program starts itself as the server.
const SERVE: &str = "--serve";

#[derive(Parser)]
#[command(name = "allocations", about = "Count the allocations of clients and plain reqwest")]
struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(&Args::parse()).map(|()| ExitCode::SUCCESS))
}

fn run(args: &Args) -> anyhow::Result<()> {
    // One thread: allocations are counted by thread.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if args.serve {
        return runtime.block_on(bench::serve());
    }
    let server = Server::start(SERVE)?;
    let workloads = bench::all(server.url())?;
    let mut rows = Vec::new();
    for workload in &workloads {
        rows.push(Allocations {
            name: workload.name,
            ours: counted(&runtime, workload, Side::Ours)?,
            plain: counted(&runtime, workload, Side::Plain)?,
        });
    }
    bench::print(&rows, args.json)
}

fn counted(
    runtime: &tokio::runtime::Runtime,
    workload: &Workload,
    side: Side,
) -> anyhow::Result<Allocated> {
    // Connections and caches come up outside the count.
    runtime.block_on(workload.run(side, 1))?;
    let mut outcome = Ok(());
    let info = allocation_counter::measure(|| {
        outcome = runtime.block_on(workload.run(side, workload.calls));
    });
    outcome?;
    let calls = u64::try_from(workload.calls)?;
    Ok(Allocated {
        per_call: info.count_total / calls,
        bytes_per_call: info.bytes_total / calls,
        peak_bytes: info.bytes_max,
    })
}
