//! Instructions of the processor, counted by valgrind's callgrind: much the same at
//! every run, whatever else the machine does.

use std::process::Command;

use anyhow::{Context as _, ensure};
use tokio::runtime::Runtime;

use super::report::Instructions;
use super::workload::{Side, Workload};

/// Which part of a round is counted: under callgrind everything takes fifty times as
/// long.
const PART: usize = 20;
/// The function within which instructions count.
const COUNTED: &str = "work_that_counts";

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

fn per_call(workload: &Workload, side: Side, url: &str) -> anyhow::Result<u64> {
    let calls = (workload.calls / PART).max(1);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect=*::{COUNTED}"))
        .arg(std::env::current_exe()?)
        .args(["--workload", workload.name, "--side", side.word(), "--url", url])
        .args(["--calls", &calls.to_string()])
        .output()
        .context("valgrind cannot be started; it is a package of most systems")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed under valgrind: {said}", workload.name);
    let count = collected(&said).with_context(|| format!("callgrind says no count: {said}"))?;
    ensure!(count > 0, "callgrind does not find {COUNTED}");
    Ok(count / u64::try_from(calls)?)
}

/// Does a side's work, in the process that is counted. Of the first call nothing counts:
/// it connects, and the generator of random numbers is seeded, which takes a hundred
/// times as long as a call and never twice as long.
///
/// # Errors
/// A call failed, or brought something else than the server has.
pub fn be_counted(
    runtime: &Runtime,
    workload: &Workload,
    side: Side,
    calls: usize,
) -> anyhow::Result<()> {
    runtime.block_on(workload.run(side, 1))?;
    work_that_counts(runtime, workload, side, calls)
}

/// [`COUNTED`]: callgrind counts what is within, and knows it by its name.
#[inline(never)]
fn work_that_counts(
    runtime: &Runtime,
    workload: &Workload,
    side: Side,
    calls: usize,
) -> anyhow::Result<()> {
    runtime.block_on(workload.run(side, calls))
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
