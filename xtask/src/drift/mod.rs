//! Compares a spec with the vendor's published file.

use std::process::ExitCode;

/// Arguments of `cargo xtask drift`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`drift` has no implementation yet")
}
