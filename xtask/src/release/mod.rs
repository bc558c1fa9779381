//! `cargo xtask release-check`: what must hold before a release, beyond `.ci/run`.
//! It takes its time, and needs tools that are installed once.
//!
//! One gate per file or function; this file chooses, runs and sums up. It must not know
//! how a gate judges.

mod gates;
mod metadata;
mod msrv;
mod public_api;
mod tool;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, bail};

use self::gates::{GATES, Gate};
use crate::{catalogue, stdout};

/// Arguments of `cargo xtask release-check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this gate; may be repeated.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Tell the gates, what they need and whether it is here, and run none.
    #[arg(long)]
    list: bool,
    /// Write the listings of the public API instead of comparing them.
    #[arg(long)]
    write: bool,
}

/// What came of a gate.
enum Verdict {
    /// It holds; what is to be said of it.
    Holds(String),
    /// It does not.
    Fails(String),
    /// It could not be asked.
    NotRun(String),
}

/// `cargo xtask release-check`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let chosen = chosen(&args.only)?;
    if args.list {
        for gate in chosen {
            let needs = gate.tool.map(|tool| tool.standing()).unwrap_or_default();
            stdout::line(format_args!("{:<17} {}{needs}", gate.name, gate.what))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut verdicts = Vec::new();
    for gate in chosen {
        stdout::line(format_args!("\n== {}: {}", gate.name, gate.what))?;
        let begun = Instant::now();
        let verdict = ask(gate, args.write)?;
        verdicts.push((gate.name, verdict, begun.elapsed().as_secs()));
    }
    stdout::line("")?;
    for (name, verdict, seconds) in &verdicts {
        let (word, more) = match verdict {
            Verdict::Holds(more) => ("holds", more),
            Verdict::Fails(more) => ("FAILS", more),
            Verdict::NotRun(more) => ("NOT RUN", more),
        };
        stdout::line(format_args!("{name:<17} {word:<7} {seconds:>5} s  {more}"))?;
    }
    let all_hold = verdicts.iter().all(|(_, verdict, _)| matches!(verdict, Verdict::Holds(_)));
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Gate>> {
    for name in names {
        if !GATES.iter().any(|gate| gate.name == name) {
            let known: Vec<_> = GATES.iter().map(|gate| gate.name).collect();
            bail!("there is no gate {name}; there are {}", known.join(", "));
        }
    }
    let is_chosen = |gate: &&Gate| names.is_empty() || names.iter().any(|name| name == gate.name);
    Ok(GATES.iter().filter(is_chosen).collect())
}

fn ask(gate: &Gate, write: bool) -> anyhow::Result<Verdict> {
    if let Some(tool) = gate.tool.filter(|tool| !tool.is_here()) {
        stdout::line(format_args!("{} is not installed; the others go on", tool.name))?;
        return Ok(Verdict::NotRun(format!("install it: {}", tool.installation())));
    }
    match (gate.ask)(write) {
        Err(error) if stdout::is_unread(&error) => Err(error),
        Err(error) => Ok(Verdict::Fails(format!("{error:#}"))),
        Ok(verdict) => Ok(verdict),
    }
}

/// Cargo, at the root of the workspace.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(catalogue::root());
    cargo
}

/// Runs a command in sight, and tells whether it succeeded.
fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let program = command.get_program().to_string_lossy().into_owned();
    Ok(command.status().with_context(|| format!("cannot start {program}"))?.success())
}

/// The output of a command, which must succeed.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let shown = format!("{command:?}");
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_chosen_by_name() {
        assert_eq!(chosen(&[]).unwrap().len(), GATES.len());
        let only = chosen(&["msrv".to_owned()]).unwrap();
        assert_eq!(only.iter().map(|gate| gate.name).collect::<Vec<_>>(), ["msrv"]);
        let error = chosen(&["mrsv".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("there is no gate mrsv; there are msrv"), "{error}");
    }
}
