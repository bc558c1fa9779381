//! Instructions of the processor, counted by valgrind's callgrind: the same at every
//! run, whatever else the machine does.

use std::process::Command;

use anyhow::{Context as _, ensure};

use super::report::Instructions;
use super::workload::{Side, Workload};

/// Which part of a round is counted: under callgrind everything takes fifty times as
/// long.
const PART: usize = 20;

/// Counts both sides.
///
/// # Errors
/// There is no valgrind, or a call failed.
pub fn count_instructions(workload: &Workload, url: &str) -> anyhow::Result<Instructions> {
    Ok(Instructions {
        name: workload.name,
        ours: per_call(workload, Side::Ours, url)?,
        reqwest: per_call(workload, Side::Plain, url)?,
    })
}

/// What twice as many calls take more, so that the start does not count.
fn per_call(workload: &Workload, side: Side, url: &str) -> anyhow::Result<u64> {
    let calls = (workload.calls / PART).max(1);
    let once = counted(workload, side, url, calls)?;
    let twice = counted(workload, side, url, 2 * calls)?;
    Ok(twice.saturating_sub(once) / u64::try_from(calls)?)
}

/// The instructions of a process that does a side's work.
fn counted(workload: &Workload, side: Side, url: &str, calls: usize) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--workload", workload.name, "--side", side.word(), "--url", url])
        .args(["--calls", &calls.to_string()])
        .output()
        .context("valgrind cannot be started; it is a package of most systems")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed under valgrind: {said}", workload.name);
    collected(&said).with_context(|| format!("callgrind says no count: {said}"))
}

/// The number in `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    let (_, count) = said.lines().find_map(|line| line.split_once("Collected :"))?;
    count.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found() {
        let said = "==7== Events    : Ir\n==7== Collected : 1234567\n==7==\n";
        assert_eq!(collected(said), Some(1_234_567));
        assert_eq!(collected("==7== nothing"), None);
    }
}
