//! Adds to a spec what the vendor added.

use std::process::ExitCode;

/// Arguments of `cargo xtask adopt`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`adopt` has no implementation yet")
}
