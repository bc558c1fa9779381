//! `cargo xtask adopt`: adds to a spec what the vendor added, facts only.
//!
//! It only adds. Every byte of the spec, remarks included, stays where it was;
//! what cannot be added without changing something is left to a person. Each
//! new thing gets an empty description, which `lint` then demands.

mod grow;
mod names;
mod operation;
mod places;
mod plan;
#[cfg(test)]
mod tests;
pub mod tree;
mod value;
mod write;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;

use self::grow::Growing;
use self::plan::Planner;
use crate::catalogue;
use crate::document::{Document, Problem};
use crate::drift::accepted::Accepted;
use crate::drift::difference::Difference;
use crate::drift::{self, Outcome, report};
use crate::stdout;

/// Exit status when something could not be read.
const UNREADABLE: u8 = 2;

/// Arguments of `cargo xtask adopt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The vendor's file: Swagger 2.0 or OpenAPI 3, JSON or YAML
    #[arg(long, value_name = "FILE")]
    pub vendor: PathBuf,
    /// The API whose spec grows
    #[arg(long, value_name = "NAME")]
    pub api: String,
}

/// What came of adopting.
#[derive(Debug)]
pub struct Adoption {
    /// The spec's new text; the old one if nothing was added.
    pub text: String,
    /// What was added.
    pub added: Vec<Difference>,
    /// What was not, and why.
    pub left: Vec<(Difference, String)>,
}

/// Runs the command: 0 when the spec was grown as far as it can be, 2 when a
/// file cannot be read or written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match run_in(args) {
        Ok(text) => {
            stdout::print(text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}");
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}

fn run_in(args: &Args) -> anyhow::Result<String> {
    let api = catalogue::find(&args.api)?;
    let root = catalogue::root();
    let path = root.join(api.spec);
    let spec = Document::load(&path)?;
    let vendor = Document::load(&args.vendor)?;
    let accepted = Accepted::load(&root.join(drift::accepted_file(api)), api.id)?;
    let adoption = adopt(&spec, &vendor, &accepted)?;
    if !adoption.added.is_empty() {
        std::fs::write(&path, &adoption.text)?;
    }
    Ok(text(api.spec, &adoption))
}

/// The report for people.
fn text(spec: &str, adoption: &Adoption) -> String {
    let mut text = String::new();
    for difference in &adoption.added {
        text.push_str(&report::line(difference));
    }
    if adoption.added.is_empty() {
        let _ = writeln!(text, "{spec}: the vendor has added nothing that is not there already");
    } else {
        let _ = writeln!(
            text,
            "{spec}: added the above ({}); write the empty descriptions that `cargo xtask lint` tells",
            adoption.added.len()
        );
    }
    if !adoption.left.is_empty() {
        let _ = writeln!(text, "left for you:");
        for (difference, why) in &adoption.left {
            let _ = writeln!(text, "{}      {why}", report::line(difference));
        }
    }
    text
}

/// Grows the spec by what the vendor's document has beyond it. Each addition
/// is tried on a copy and kept only if the comparison then finds it gone and
/// nothing new in its place.
pub fn adopt(spec: &Document, vendor: &Document, accepted: &Accepted) -> Result<Adoption, Problem> {
    let mut growing = Growing::new(spec.text.clone());
    let mut current = spec.clone();
    let mut outcome = drift::check(&current, vendor, accepted.clone())?;
    let mut added = Vec::new();
    let mut left: Vec<(Difference, String)> = Vec::new();
    while let Some(difference) = outcome
        .unexplained
        .iter()
        .find(|difference| !left.iter().any(|(known, _)| keys(known) == keys(difference)))
        .cloned()
    {
        let tried = attempt(&growing, &current, vendor, accepted, &outcome, &difference);
        match tried {
            Ok((grown, document, now)) => {
                (growing, current, outcome) = (grown, document, now);
                added.push(difference);
            }
            Err(why) => left.push((difference, why)),
        }
    }
    if growing.original() != spec.text {
        return Err(spec.problem(
            "",
            "adopting would have changed what was there already",
            "add by hand what `cargo xtask drift` lists, and report this file as a test case",
        ));
    }
    Ok(Adoption { text: growing.text().to_owned(), added, left })
}

fn attempt(
    growing: &Growing,
    current: &Document,
    vendor: &Document,
    accepted: &Accepted,
    outcome: &Outcome,
    difference: &Difference,
) -> Result<(Growing, Document, Outcome), String> {
    let edits = Planner::new(current, outcome).plan(difference)?;
    let mut grown = growing.clone();
    for edit in &edits {
        grown.apply(edit)?;
    }
    let document = Document::parse(&current.file, grown.text().to_owned())
        .map_err(|problem| format!("the spec could not be read any more: {}", problem.message))?;
    if !extends(&current.value, &document.value) {
        return Err("what stands there would have changed".to_owned());
    }
    let now = drift::check(&document, vendor, accepted.clone())
        .map_err(|problem| format!("{}: {}", problem.pointer, problem.message))?;
    let (before, after) = (all_keys(outcome), all_keys(&now));
    if !after.is_subset(&before) {
        return Err("other operations share what would have to grow".to_owned());
    }
    if keys(difference).iter().any(|key| after.contains(key)) {
        return Err("what the vendor says cannot be told by adding alone".to_owned());
    }
    Ok((grown, document, now))
}

/// What tells a difference from another, at each of its places.
fn keys(difference: &Difference) -> BTreeSet<String> {
    std::iter::once(&difference.location)
        .chain(&difference.also_at)
        .map(|place| {
            let (kind, ours, vendor) = (difference.kind, &difference.ours, &difference.vendor);
            format!("{kind:?} {place} {ours:?} {vendor:?}")
        })
        .collect()
}

fn all_keys(outcome: &Outcome) -> BTreeSet<String> {
    outcome.unexplained.iter().flat_map(keys).collect()
}

/// Whether `new` has all that `old` has, at the same places.
fn extends(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(key, value)| new.get(key).is_some_and(|now| extends(value, now)))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| extends(old, new))
        }
        (old, new) => old == new,
    }
}
