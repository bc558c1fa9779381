//! `cargo xtask coverage`: what of each API is specified, generated, tested
//! and served. Exit code 1 if anything is missing.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::coverage;
use twinkit_tests::spec::Document;

#[derive(Parser)]
#[command(name = "coverage", about = "Count what is specified, generated, tested and served")]
struct Args {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
    /// Look at this document in place of the Digital Twins specification.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let path = args.spec.unwrap_or_else(coverage::digital_twins_spec);
    let all = [coverage::digital_twins(&Document::from_file(&path)?).await?];
    if args.json {
        println!("{}", serde_json::to_string(&all)?);
    }
    for one in &all {
        match (args.json, one.is_complete()) {
            (true, true) => {}
            (true, false) => eprintln!("{one}"),
            (false, _) => println!("{one}"),
        }
    }
    let complete = all.iter().all(coverage::Coverage::is_complete);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
