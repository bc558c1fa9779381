//! `cargo xtask interop`: runs the vendors' own programs against the emulator, and our
//! sign-in against a certified server, by `tests/interop/run`; then tells by operation
//! and by step what came of it.
//!
//! `parts` reads what the parts left, `operations` and `kinds` say what a request was,
//! `tally` counts, `uncalled` tells what nobody called, `report` prints. This file puts
//! them together; it must not know how any of them does it.

mod kinds;
mod operations;
mod parts;
mod report;
mod tally;
mod uncalled;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

use self::operations::Operations;
use self::parts::Part;
use self::report::Report;
use crate::{catalogue, stdout};

/// Arguments of `cargo xtask interop`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Parts to run, such as `az`; all of them by default.
    #[arg(value_name = "PART")]
    parts: Vec<String>,
    /// Tell the parts, and run none.
    #[arg(long)]
    list: bool,
    /// Print the tables as one JSON object; what the programs say goes to standard error.
    #[arg(long)]
    json: bool,
    /// Print the tables of the last run of each part once more, and run none.
    #[arg(long)]
    last: bool,
}

/// `cargo xtask interop`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let known = known_parts()?;
    if args.list {
        stdout::line(known.join("\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = chosen(&known, &args.parts)?;
    let build = build_folder()?;
    if !args.last {
        // Its exit code is also in what each part leaves.
        run_script(&build, &chosen, args.json)?;
    }
    let operations = Operations::of_all_apis()?;
    let parts: Vec<Part> = chosen
        .iter()
        .map(|name| Part::read(&build.join("interop").join(name), name))
        .collect::<anyhow::Result<_>>()?;
    let reasons = uncalled::Reasons::read(&operations)?;
    let report = Report::new(&operations, &reasons, &parts, chosen.len() == known.len());
    if args.json {
        stdout::line(serde_json::to_string_pretty(&report)?)?;
    } else {
        stdout::print(&report)?;
    }
    Ok(if report.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn script() -> PathBuf {
    catalogue::root().join("tests/interop/run")
}

/// Where cargo builds; the parts have a folder each below it.
fn build_folder() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| catalogue::root().join("target"), PathBuf::from);
    std::path::absolute(&folder).with_context(|| format!("cannot tell where {folder:?} is"))
}

fn known_parts() -> anyhow::Result<Vec<String>> {
    let script = script();
    let cannot = || format!("cannot start {}", script.display());
    let output = Command::new(&script).arg("--list").output().with_context(cannot)?;
    let list = String::from_utf8(output.stdout).with_context(cannot)?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn chosen(known: &[String], named: &[String]) -> anyhow::Result<Vec<String>> {
    for name in named {
        anyhow::ensure!(
            known.contains(name),
            "there is no part {name}; the parts are: {}",
            known.join(", ")
        );
    }
    Ok(if named.is_empty() { known } else { named }.to_vec())
}

/// Runs the parts in sight. That some failed is no error of ours.
fn run_script(build: &Path, parts: &[String], json: bool) -> anyhow::Result<()> {
    let script = script();
    let mut command = Command::new(&script);
    command.args(parts).current_dir(catalogue::root()).env("CARGO_TARGET_DIR", build);
    if json {
        command.stdout(Stdio::from(std::io::stderr()));
    }
    command.status().with_context(|| format!("cannot start {}", script.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_chosen_by_name() {
        let known = known_parts().unwrap();
        for name in ["az", "digital-twins", "digital-twins-js", "itwin", "oidc-provider"] {
            assert!(known.iter().any(|part| part == name), "{known:?}");
        }
        assert_eq!(chosen(&known, &[]).unwrap(), known);
        let two = ["itwin".to_owned(), "az".to_owned()];
        assert_eq!(chosen(&known, &two).unwrap(), two);
        let error = chosen(&known, &["itwins".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("there is no part itwins; the parts are: az"), "{error}");
    }
}
