//! Commands that need the clients: they start `cargo`, and pass the exit code on.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use clap::ValueEnum as _;

use crate::{build_cost, catalogue};

/// Arguments of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// Print JSON, an array for each part.
    #[arg(long)]
    pub json: bool,
    /// What to measure; everything by default, which takes a quarter of an hour.
    #[arg(value_name = "PART", value_enum)]
    pub parts: Vec<BenchPart>,
    /// Only workloads whose name contains this, where time or instructions are
    /// measured.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
}

/// What `cargo xtask bench` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BenchPart {
    /// Processor time per call, in rounds of both sides that take turns.
    Time,
    /// Instructions per call, by valgrind's callgrind.
    Instructions,
    /// Allocations per call, and the most memory held.
    Allocations,
    /// Release build of each client: time, size, packages.
    Build,
}

/// Arguments of `cargo xtask coverage`.
#[derive(Debug, clap::Args)]
pub struct CoverageArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Only this API.
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// Count by this document in place of the API's spec; of the Digital Twins
    /// one if no API is named.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
}

/// Arguments of `cargo xtask chaos`.
#[derive(Debug, clap::Args)]
pub struct ChaosArgs {
    /// Seeds from 1 to this one; 50 by default.
    #[arg(long, value_name = "N")]
    pub seeds: Option<u64>,
    /// Only this seed, to see it again.
    #[arg(long, value_name = "S", conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// Twins of the building; 5,000 by default.
    #[arg(long, value_name = "N")]
    pub twins: Option<usize>,
    /// What the clients go without, `retry` or `refresh`; the run must fail then.
    #[arg(long, value_name = "WHAT")]
    pub without: Option<String>,
}

/// Arguments of `cargo xtask faults`.
#[derive(Debug, clap::Args)]
pub struct FaultsArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Only operations of this name, at length.
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,
}

/// Arguments of `cargo xtask load`.
#[derive(Debug, clap::Args)]
pub struct LoadArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Seconds for each crowd of callers.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub seconds: u64,
}

/// `cargo xtask coverage`: per API, operations in the spec, generated, tested
/// and served.
pub fn coverage(args: &CoverageArgs) -> anyhow::Result<ExitCode> {
    binary("coverage", &[], coverage_arguments(args)?)
}

/// What the binary is told. It runs in the repository's folder, so a file
/// named from where the caller stands is named in full.
fn coverage_arguments(args: &CoverageArgs) -> anyhow::Result<Vec<OsString>> {
    let mut told = json_argument(args.json);
    if let Some(api) = &args.api {
        told.extend(["--api".into(), api.into()]);
    }
    if let Some(file) = &args.spec {
        let file = std::path::absolute(file)
            .with_context(|| format!("cannot tell where {} is", file.display()))?;
        told.extend(["--spec".into(), file.into_os_string()]);
    }
    Ok(told)
}

fn json_argument(json: bool) -> Vec<OsString> {
    if json { vec!["--json".into()] } else { Vec::new() }
}

/// `cargo xtask bench`: the clients against plain reqwest, and what they cost to build.
pub fn bench(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let parts = match args.parts.as_slice() {
        [] => BenchPart::value_variants(),
        parts => parts,
    };
    for part in parts {
        let code = measure(*part, args)?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(part: BenchPart, args: &BenchArgs) -> anyhow::Result<ExitCode> {
    // Without the emulator, which has `serde_json` keep the order of members.
    let build = ["--release", "--no-default-features"];
    let mut told = json_argument(args.json);
    if let (Some(text), BenchPart::Time | BenchPart::Instructions) = (&args.only, part) {
        told.extend(["--only".into(), text.into()]);
    }
    match part {
        BenchPart::Time => binary("bench", &build, told),
        BenchPart::Instructions => {
            told.push("--instructions".into());
            binary("bench", &build, told)
        }
        BenchPart::Allocations => binary("allocations", &build, told),
        BenchPart::Build => build_cost::print(args.json).map(|()| ExitCode::SUCCESS),
    }
}

/// `cargo xtask chaos`: all platforms hold what they ought to, whatever goes wrong.
pub fn chaos(args: &ChaosArgs) -> anyhow::Result<ExitCode> {
    binary("chaos", &[], chaos_arguments(args))
}

fn chaos_arguments(args: &ChaosArgs) -> Vec<OsString> {
    let given = [
        ("--seeds", args.seeds.map(|seeds| seeds.to_string())),
        ("--seed", args.seed.map(|seed| seed.to_string())),
        ("--twins", args.twins.map(|twins| twins.to_string())),
        ("--without", args.without.clone()),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some([name.into(), value?.into()]));
    given.flatten().collect()
}

/// `cargo xtask faults`: every operation under every fault.
pub fn faults(args: &FaultsArgs) -> anyhow::Result<ExitCode> {
    let mut told = json_argument(args.json);
    if let Some(operation) = &args.operation {
        told.extend(["--operation".into(), operation.into()]);
    }
    binary("faults", &[], told)
}

/// `cargo xtask load`: many callers at once, for long.
pub fn load(args: &LoadArgs) -> anyhow::Result<ExitCode> {
    let mut told = json_argument(args.json);
    told.extend(["--seconds".into(), args.seconds.to_string().into()]);
    binary("load", &[], told)
}

/// Starts a binary of the tests package.
fn binary(name: &str, build: &[&str], arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(catalogue::root()).args(["run", "--quiet"]).args(build);
    command.args(["--package", "twinkit-tests", "--bin", name, "--"]).args(arguments);
    run(&mut command)
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> anyhow::Result<ExitCode> {
    let program = command.get_program().to_owned();
    let status =
        command.status().with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    // Ended by a signal: no code, and certainly no success.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_to_count_by_is_named_in_full() {
        let args = CoverageArgs { json: true, api: None, spec: Some("specs/small.yaml".into()) };
        let told = coverage_arguments(&args).unwrap();
        let file = std::env::current_dir().unwrap().join("specs/small.yaml");
        assert_eq!(told, ["--json".into(), "--spec".into(), file.into_os_string()]);
        let args = CoverageArgs { json: false, api: None, spec: None };
        assert_eq!(coverage_arguments(&args).unwrap(), Vec::<OsString>::new());
        let args = CoverageArgs { json: false, api: Some("iot-central".into()), spec: None };
        assert_eq!(coverage_arguments(&args).unwrap(), ["--api", "iot-central"]);
    }

    #[test]
    fn a_seed_is_handed_on() {
        let args = ChaosArgs { seeds: None, seed: Some(7), twins: Some(100), without: None };
        assert_eq!(chaos_arguments(&args), ["--seed", "7", "--twins", "100"]);
    }
}
