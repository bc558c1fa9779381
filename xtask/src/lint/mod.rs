//! What a document must be before anything is generated from it.
//!
//! An unknown construct, a missing description, a colliding name is an error,
//! never a guess: what no lowering rule covers is refused here, with the place
//! and the cure. Each file holds the checks of one kind; they only read, and
//! take any JSON without harm.

mod collisions;
mod descriptions;
mod extensions;
mod operations;
mod references;
mod schemas;
mod structure;

use std::process::ExitCode;

use serde_json::Value;

use crate::document::{Document, Problem};
use crate::generate::report;
use crate::{catalogue, stdout};

/// Arguments of `cargo xtask lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this API.
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let root = catalogue::root();
    let mut problems = Vec::new();
    for api in catalogue::select(args.api.as_deref())? {
        let document = match Document::load(&root.join(api.spec)) {
            Ok(document) => document,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let found = check(&document);
        if found.is_empty() {
            stdout::line(format_args!("{}: OK, {}", api.spec, count(&document.value)))?;
        } else {
            stdout::line(format_args!("{}: {} problems", api.spec, found.len()))?;
        }
        problems.extend(found);
    }
    Ok(report(&problems))
}

/// Everything that is wrong with a document, in the order of the checks. A
/// document whose structure is wrong is not looked into further.
pub fn check(document: &Document) -> Vec<Problem> {
    let mut found = Found { document, root: &document.value, problems: Vec::new() };
    structure::check(&mut found);
    references::check(&mut found);
    if found.problems.is_empty() {
        operations::check(&mut found);
        schemas::check(&mut found);
        extensions::check(&mut found);
        descriptions::check(&mut found);
        collisions::check(&mut found);
    }
    found.problems
}

/// The document under inspection and what was found so far.
struct Found<'a> {
    document: &'a Document,
    root: &'a Value,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, pointer: &str, message: impl Into<String>, cure: impl Into<String>) {
        let problem = self.document.problem(pointer, message, cure);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn count(root: &Value) -> String {
    let operations = crate::openapi::operations(root);
    let parameters: usize =
        operations.iter().map(|operation| operation.parameters(root).len()).sum();
    let schemas = root.pointer("/components/schemas").and_then(Value::as_object);
    format!(
        "{} operations, {parameters} parameters, {} schemas",
        operations.len(),
        schemas.map_or(0, serde_json::Map::len),
    )
}

#[cfg(test)]
mod tests;
