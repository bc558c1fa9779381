//! `cargo run --package twinkit-tests --bin transfer`: a large file up and down,
//! and the memory that client and emulator took.

use std::process::ExitCode;

use clap::Parser;
use twinkit_tests::{stdout, transfer};

const MEBIBYTE: u64 = 1024 * 1024;

#[derive(Parser)]
#[command(name = "transfer", about = "Measure the memory that a large transfer takes")]
struct Args {
    /// Size of the file in mebibytes.
    #[arg(long, default_value_t = 1024)]
    mib: u64,
    /// Size of a block in bytes.
    #[arg(long, default_value_t = 16 * MEBIBYTE)]
    block: u64,
    /// Be the client.
    #[arg(long, hide = true)]
    client: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    stdout::ending(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.client {
        stdout::line(serde_json::to_string(&transfer::work(args.block).await?)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let program = std::env::current_exe()?;
    let figures = transfer::measured(&program, args.mib * MEBIBYTE, args.block).await?;
    stdout::line(serde_json::to_string_pretty(&figures)?)?;
    Ok(ExitCode::SUCCESS)
}
