//! Shows an [`Outcome`]: to people in groups, to programs as one object.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Outcome;
use super::difference::Difference;
use super::location::Root;

/// The object that `--json` prints.
pub fn json(outcome: &Outcome) -> Value {
    let accepted: Vec<Value> = outcome
        .accepted
        .iter()
        .map(|(difference, reason)| {
            let mut row = json!(difference);
            if let Some(object) = row.as_object_mut() {
                object.insert("reason".to_owned(), json!(reason));
            }
            row
        })
        .collect();
    json!({ "unexplained": outcome.unexplained, "accepted": accepted, "stale": outcome.stale })
}

/// The text for people. `accepted_file` is named where an entry is due.
pub fn text(api: &str, outcome: &Outcome, accepted_file: &str) -> String {
    let mut text = String::new();
    let mut group = "";
    for difference in &outcome.unexplained {
        let root = &difference.location.root;
        let place = match root {
            Root::Version => "document",
            _ => root.operation().unwrap_or("schemas"),
        };
        if place != group {
            let _ = writeln!(text, "{place}");
            group = place;
        }
        text.push_str(&line(difference));
    }
    if !outcome.stale.is_empty() {
        let _ = writeln!(text, "accepted, but no longer there (remove from {accepted_file})");
        for entry in &outcome.stale {
            let _ = writeln!(text, "  {:<28} {}", entry.kind.name(), entry.location);
        }
    }
    let _ = writeln!(
        text,
        "{api}: {} unexplained, {} accepted, {} stale",
        outcome.unexplained.len(),
        outcome.accepted.len(),
        outcome.stale.len()
    );
    if !outcome.unexplained.is_empty() {
        let _ = writeln!(
            text,
            "  to follow the vendor: edit the spec, or `cargo xtask adopt` for what was added;\n  \
             to keep the difference: give it a reason in {accepted_file}"
        );
    }
    text
}

/// One difference: kind and place, then what either side says.
pub fn line(difference: &Difference) -> String {
    let mut text = format!("  {:<28} {}\n", difference.kind.name(), difference.location);
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
    let _ = writeln!(
        text,
        "      ours: {}   vendor: {}",
        side(&difference.ours),
        side(&difference.vendor)
    );
    if !difference.also_at.is_empty() {
        let _ =
            writeln!(text, "      and in {} more places that share it", difference.also_at.len());
    }
    text
}
