//! Commands that need the clients: they start `cargo`, or a script, and pass
//! the exit code on.

use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::catalogue;

/// Arguments of the commands that can answer in JSON.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `cargo xtask coverage`: per API, operations in the spec, generated, tested
/// and served.
pub fn coverage(args: &Args) -> anyhow::Result<ExitCode> {
    binary("coverage", false, args.json)
}

/// `cargo xtask bench`: the clients against plain reqwest.
pub fn bench(args: &Args) -> anyhow::Result<ExitCode> {
    binary("bench", true, args.json)
}

/// `cargo xtask interop`: the vendors' own clients against the emulator.
pub fn interop() -> anyhow::Result<ExitCode> {
    let script = catalogue::root().join("tests/interop/run");
    run(Command::new(&script).current_dir(catalogue::root()))
}

/// Starts a binary of the tests package.
fn binary(name: &str, release: bool, json: bool) -> anyhow::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(catalogue::root()).args(["run", "--quiet"]);
    if release {
        command.arg("--release");
    }
    command.args(["--package", "twinkit-tests", "--bin", name, "--"]);
    if json {
        command.arg("--json");
    }
    run(&mut command)
}

fn run(command: &mut Command) -> anyhow::Result<ExitCode> {
    let program = command.get_program().to_owned();
    let status =
        command.status().with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    // Ended by a signal: no code, and certainly no success.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
