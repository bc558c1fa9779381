//! What a client costs those who build it: the time its own code takes in a release
//! build, its size, and how many packages come with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::{catalogue, stdout};

/// The clients, as they are built by default and with everything.
const CLIENTS: [(&str, &str); 5] = [
    ("twinkit-digital-twins", ""),
    ("twinkit-iot-central", ""),
    ("twinkit-iot-central", "archive,preview"),
    ("twinkit-itwin", ""),
    ("twinkit-itwin", "full"),
];

/// Builds of each, of which the median counts.
const ROUNDS: usize = 3;

/// What one client costs.
struct Cost {
    client: String,
    seconds: f64,
    library: u64,
    generated_lines: usize,
    packages: usize,
}

/// Measures all clients and prints a table.
pub fn print(json: bool) -> anyhow::Result<()> {
    let target = target_folder()?;
    let costs: Vec<Cost> = CLIENTS
        .iter()
        .map(|(package, features)| measure(package, features, &target))
        .collect::<anyhow::Result<_>>()?;
    if json {
        return Ok(stdout::line(Value::Array(costs.iter().map(Cost::document).collect()))?);
    }
    stdout::line("| client | own code, s | library, KiB | generated lines | packages |")?;
    stdout::line("|---|---:|---:|---:|---:|")?;
    for cost in &costs {
        let Cost { client, seconds, library, generated_lines, packages } = cost;
        let size = library / 1024;
        stdout::line(format_args!(
            "| {client} | {seconds:.1} | {size} | {generated_lines} | {packages} |"
        ))?;
    }
    Ok(stdout::line("")?)
}

impl Cost {
    fn document(&self) -> Value {
        json!({
            "client": self.client,
            "seconds": self.seconds,
            "libraryBytes": self.library,
            "generatedLines": self.generated_lines,
            "packages": self.packages,
        })
    }
}

fn measure(package: &str, features: &str, target: &Path) -> anyhow::Result<Cost> {
    let chosen = ["--package", package, "--features", features];
    let build = || run(Command::new(cargo()).args(["build", "--quiet", "--release"]).args(chosen));
    // With its dependencies; they are not measured.
    build()?;
    let folder = package.trim_start_matches("twinkit-");
    let root = catalogue::root().join("crates").join(folder).join("src/lib.rs");
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        std::fs::File::options().append(true).open(&root)?.set_modified(SystemTime::now())?;
        let begun = Instant::now();
        build()?;
        times.push(begun.elapsed());
    }
    times.sort();
    let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
    let library = target.join(format!("release/lib{}.rlib", package.replace('-', "_")));
    let with = if features.is_empty() { String::new() } else { format!(" ({features})") };
    Ok(Cost {
        client: format!("{package}{with}"),
        seconds: median.as_secs_f64(),
        library: std::fs::metadata(&library)
            .with_context(|| format!("{} is not there", library.display()))?
            .len(),
        generated_lines: generated_lines(package)?,
        packages: packages(&chosen)?,
    })
}

/// Lines that `cargo xtask generate` wrote for a client, of all its features.
fn generated_lines(package: &str) -> anyhow::Result<usize> {
    let mut lines = 0;
    for api in catalogue::APIS.iter().filter(|api| api.package == package) {
        for entry in std::fs::read_dir(catalogue::root().join(api.generated))? {
            lines += std::fs::read_to_string(entry?.path())?.lines().count();
        }
    }
    Ok(lines)
}

/// How many packages are built with it, itself among them.
fn packages(chosen: &[&str]) -> anyhow::Result<usize> {
    let tree = ["tree", "--edges", "normal", "--prefix", "none", "--no-dedupe"];
    let listed = run(Command::new(cargo()).args(tree).args(chosen))?;
    let names: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    Ok(names.len())
}

fn target_folder() -> anyhow::Result<PathBuf> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata: Value = serde_json::from_str(&run(Command::new(cargo()).args(arguments))?)?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(folder.context("cargo does not say where it builds")?))
}

/// Runs cargo in the repository and gives its output.
fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.current_dir(catalogue::root()).output().context("cannot start cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo failed: {said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_has_generated_lines_and_packages() {
        for (package, features) in CLIENTS {
            assert!(generated_lines(package).unwrap() > 1_000, "{package}");
            let count = packages(&["--package", package, "--features", features]).unwrap();
            assert!(count > 10, "{package}: {count}");
        }
    }
}
