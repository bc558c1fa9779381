//! `cargo xtask`: from the OpenAPI documents under `specs/` to the generated
//! clients, and the checks that keep both honest.
//!
//! This package depends on no other crate of the workspace, so that it runs
//! even when generated code does not compile. Commands that need the clients
//! start `cargo` instead (`coverage`, `bench`, `faults`, `fuzz`, `load`, `chaos`,
//! `release-check`), or the script that does (`interop`).
//!
//! It is a library, so that the fuzz targets reach what reads foreign documents.

#![allow(
    unreachable_pub,
    reason = "only `run` is for others; `pub` says what other modules may use"
)]
#![warn(clippy::print_stdout, reason = "it panics where nobody reads on; see `stdout`")]

mod adopt;
mod build_cost;
mod catalogue;
mod digest;
mod document;
mod drift;
mod emit;
mod external;
mod fuzz;
#[doc(hidden)]
pub mod fuzzing;
mod generate;
mod generator;
mod interop;
mod lint;
mod names;
mod normalise;
mod openapi;
mod refresh;
mod release;
mod stdout;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Spec work: generate the clients, lint the specs, compare with the vendors.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the generated code, or check that it is up to date.
    Generate(generate::Args),
    /// Check the specs: unknown constructs, missing descriptions, colliding names.
    Lint(lint::Args),
    /// Compare a spec with the vendor's published file.
    Drift(drift::Args),
    /// Add to a spec what the vendor added.
    Adopt(adopt::Args),
    /// Take the vendors' files, then drift, adopt and generate.
    Refresh(refresh::Args),
    /// Count operations: in the spec, generated, tested, served by the emulator.
    Coverage(external::CoverageArgs),
    /// Measure the clients against plain reqwest, and what they cost to build.
    Bench(external::BenchArgs),
    /// Work on all platforms while everything goes wrong, by seeds.
    Chaos(external::ChaosArgs),
    /// Call every operation while the network, a gateway or the service fails.
    Faults(external::FaultsArgs),
    /// Feed the parsers with anything at all.
    Fuzz(fuzz::Args),
    /// Call from many tasks at once, for long.
    Load(external::LoadArgs),
    /// Run the vendors' own programs against the emulator, and tell by operation how it went.
    Interop(interop::Args),
    /// Check what must hold before a release, beyond what .ci/run checks.
    ReleaseCheck(release::Args),
}

/// Runs the command that the arguments of this process name.
///
/// # Errors
/// What keeps the command from being carried out.
pub fn run() -> anyhow::Result<ExitCode> {
    match carry_out(Cli::parse().command) {
        Err(error) if stdout::is_unread(&error) => Ok(ExitCode::FAILURE),
        outcome => outcome,
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Generate(args) => generate::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Drift(args) => drift::run(&args),
        Command::Adopt(args) => adopt::run(&args),
        Command::Refresh(args) => refresh::run(&args),
        Command::Coverage(args) => external::coverage(&args),
        Command::Bench(args) => external::bench(&args),
        Command::Chaos(args) => external::chaos(&args),
        Command::Faults(args) => external::faults(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Load(args) => external::load(&args),
        Command::Interop(args) => interop::run(&args),
        Command::ReleaseCheck(args) => release::run(&args),
    }
}
