//! `tests/interop/run oidc-provider`: twinkit's sign-in against a certified
//! OpenID Connect server.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "oidc", about = "Run twinkit's sign-in against a real OpenID Connect server")]
struct Args {
    /// The server's script, beside its installed packages.
    script: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let failed = twinkit_tests::oidc::run(&Args::parse().script).await?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
