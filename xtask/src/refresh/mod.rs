//! Takes the vendor's files, then drift, adopt and generate.

use std::process::ExitCode;

/// Arguments of `cargo xtask refresh`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`refresh` has no implementation yet")
}
