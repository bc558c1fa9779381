//! `cargo xtask coverage`: what of each API is specified, generated, tested
//! and served. Exit code 1 if anything is missing.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::{coverage, stdout};

#[derive(Parser)]
#[command(name = "coverage", about = "Count what is specified, generated, tested and served")]
struct Args {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
    /// Count this API only.
    #[arg(long, value_name = "NAME")]
    api: Option<String>,
    /// Look at this document in place of the API's specification; of the
    /// Digital Twins one if no API is named.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let apis = match (&args.api, &args.spec) {
        (Some(api), _) => vec![api.as_str()],
        (None, Some(_)) => vec!["digital-twins"],
        (None, None) => coverage::APIS.to_vec(),
    };
    let mut all = Vec::new();
    for api in apis {
        all.push(coverage::count(api, args.spec.as_deref()).await?);
    }
    if args.json {
        stdout::line(serde_json::to_string(&all)?)?;
    }
    for one in &all {
        match (args.json, one.is_complete()) {
            (true, true) => {}
            (true, false) => eprintln!("{one}"),
            (false, _) => stdout::line(one)?,
        }
    }
    let complete = all.iter().all(coverage::Coverage::is_complete);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
