//! `cargo xtask fuzz`: starts `cargo fuzz` on the targets of `tests/fuzz`, one
//! after another. What a target asserts stands in `tests/fuzzed`.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use crate::external::run as start;
use crate::{catalogue, stdout};

/// The folder of the targets, relative to the repository.
const FOLDER: &str = "tests/fuzz";

/// A target that takes longer for one input hangs.
const SECONDS_PER_INPUT: &str = "-timeout=20";

/// Arguments of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Targets to run; all of them by default.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub seconds: u64,
}

/// What of the targets' manifest names them.
#[derive(Deserialize)]
struct Manifest {
    bin: Vec<Binary>,
}

#[derive(Deserialize)]
struct Binary {
    name: String,
}

/// Runs the command: up to the first target that fails, whose input stands in
/// `tests/fuzz/artifacts`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = catalogue::root().join(FOLDER);
    let targets = chosen(&folder, &args.targets)?;
    ensure!(
        is_installed(),
        "cargo-fuzz is not installed; install it with: cargo install --locked cargo-fuzz"
    );
    for target in targets {
        stdout::line(format_args!("== {target}, {} s", args.seconds))?;
        let code = start(&mut command(&folder, &target, args.seconds)?)?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The targets that are asked for, in the order of the manifest.
fn chosen(folder: &Path, asked: &[String]) -> anyhow::Result<Vec<String>> {
    let path = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let Manifest { bin } =
        toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))?;
    let known: Vec<String> = bin.into_iter().map(|binary| binary.name).collect();
    if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    let is_asked = |name: &String| asked.is_empty() || asked.contains(name);
    Ok(known.into_iter().filter(is_asked).collect())
}

fn is_installed() -> bool {
    let mut version = Command::new("cargo");
    version.args(["fuzz", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

fn command(folder: &Path, target: &str, seconds: u64) -> anyhow::Result<Command> {
    // What a run finds goes to the first folder; the others are only read.
    let grown = folder.join("grown").join(target);
    std::fs::create_dir_all(&grown).with_context(|| format!("cannot make {}", grown.display()))?;
    let mut command = Command::new("cargo");
    command.current_dir(folder).env("RUSTC_BOOTSTRAP", "1");
    // Our crates have no unsafe code for a sanitizer to watch; without one, runs
    // are twice as fast.
    command.args(["fuzz", "run", "--fuzz-dir", ".", "--sanitizer", "none", target]).arg(&grown);
    for kept in ["corpus", "seeds"] {
        let kept = folder.join(kept).join(target);
        if kept.is_dir() {
            command.arg(kept);
        }
    }
    command.args(["--", SECONDS_PER_INPUT, &format!("-max_total_time={seconds}")]);
    let words = folder.join("dictionaries").join(format!("{target}.dict"));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_those_of_the_manifest() {
        let folder = catalogue::root().join(FOLDER);
        let all = chosen(&folder, &[]).unwrap();
        assert!(all.len() > 20, "{all:?}");
        assert_eq!(chosen(&folder, &["spec".to_owned()]).unwrap(), ["spec"]);
        let error = chosen(&folder, &["nothing".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("there is no target nothing; there are "), "{error}");
    }
}
