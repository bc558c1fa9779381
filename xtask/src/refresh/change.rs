//! The change report: what a refresh means for users, as a paragraph for the
//! changelog.

use std::fmt::Write as _;

use crate::adopt::Adoption;
use crate::drift::difference::{Difference, Weight};

/// What came of refreshing one API.
#[derive(Debug)]
pub struct Change {
    /// The API.
    pub api: String,
    /// The licence of the vendor's file.
    pub licence: String,
    /// What following the vendor means.
    pub verdict: Weight,
    /// The SHA-256 of the vendor's file before and now.
    pub sha256: (String, String),
    /// What was added to the spec, and what was left.
    pub adoption: Adoption,
    /// The generated files that were written, or why none could be.
    pub generated: Result<Vec<String>, String>,
}

impl Change {
    /// Whether a person has to decide something.
    pub fn is_unfinished(&self) -> bool {
        !self.adoption.left.is_empty() || self.generated.is_err()
    }
}

/// The heaviest of some differences.
pub fn verdict(differences: &[Difference]) -> Weight {
    differences.iter().map(Difference::weight).max().unwrap_or(Weight::Patch)
}

/// The report in Markdown.
pub fn markdown(change: &Change) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "## {}: {}\n", change.api, change.verdict);
    let ((old, new), licence) = (&change.sha256, &change.licence);
    if old == new {
        let _ =
            writeln!(text, "The vendor's file ({licence}) is the one taken before: SHA-256 {old}.");
    } else {
        let _ = writeln!(text, "The vendor's file ({licence}) changed: SHA-256 {old} to {new}.");
    }
    if change.verdict == Weight::Patch {
        let _ = writeln!(text, "Nothing changed that a program could notice.");
    }
    if !change.adoption.added.is_empty() {
        let _ = writeln!(text, "\nAdded:\n");
        for difference in &change.adoption.added {
            let _ = writeln!(text, "- {}", line(difference));
        }
    }
    if !change.adoption.left.is_empty() {
        let _ = writeln!(text, "\nNot followed yet (nothing was taken out of the spec):\n");
        for (difference, why) in &change.adoption.left {
            let _ = writeln!(text, "- {}: {why}", line(difference));
        }
    }
    match &change.generated {
        Ok(files) if files.is_empty() => {}
        Ok(files) => {
            let _ = writeln!(text, "\nGenerated:\n");
            for file in files {
                let _ = writeln!(text, "- {file}");
            }
        }
        Err(why) => {
            let _ = writeln!(text, "\nNot generated:\n\n{why}");
        }
    }
    if !change.adoption.added.is_empty() {
        let _ = writeln!(
            text,
            "\nNext: write the empty descriptions that `cargo xtask lint` tells, then \
             `cargo xtask generate`."
        );
    }
    text
}

fn line(difference: &Difference) -> String {
    let mut text = format!("{} `{}`", difference.kind.name(), difference.location);
    match (&difference.ours, &difference.vendor) {
        (Some(ours), Some(vendor)) => {
            let _ = write!(text, " ({ours} to {vendor})");
        }
        (Some(side), None) | (None, Some(side)) => {
            let _ = write!(text, " ({side})");
        }
        (None, None) => {}
    }
    if !difference.also_at.is_empty() {
        let _ = write!(text, ", and in {} more places", difference.also_at.len());
    }
    let weight = difference.weight();
    let _ = write!(text, ": {weight}");
    text
}
