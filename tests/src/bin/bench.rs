//! `cargo xtask bench`: the client against plain reqwest.

use clap::Parser;
use twinkit_tests::bench::{self, Server};

/// How this program starts itself as the server.
const SERVE: &str = "--serve";

#[derive(Parser)]
#[command(name = "bench", about = "Compare the client's processor time with plain reqwest's")]
struct Args {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
    /// Rounds of each side.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.serve {
        return bench::serve().await;
    }
    if cfg!(feature = "emulator") {
        eprintln!("The maps of the plain side keep order: use `--no-default-features`.");
    }
    let server = Server::start(SERVE)?;
    let rows = bench::run(&server, args.rounds).await?;
    if args.json {
        println!("{}", serde_json::to_string(&rows)?);
    } else {
        println!("{:<20} {:>12} {:>12}   ratio", "per call", "ours", "reqwest");
        rows.iter().for_each(|row| println!("{row}"));
    }
    Ok(())
}
