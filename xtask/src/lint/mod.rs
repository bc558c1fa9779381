//! What a document must be before anything is generated from it.
//!
//! An unknown construct, a missing description, a colliding name is an error,
//! never a guess: what no lowering rule covers is refused here, with the place
//! and the cure. Each file holds the checks of one kind.

use crate::document::{Document, Problem};

/// Everything that is wrong with a document.
pub fn check(document: &Document) -> Vec<Problem> {
    let _ = document;
    Vec::new()
}

/// Arguments of `cargo xtask lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this API.
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<std::process::ExitCode> {
    let root = crate::catalogue::root();
    let mut problems = Vec::new();
    for api in crate::catalogue::select(args.api.as_deref())? {
        match Document::load(&root.join(api.spec)) {
            Err(problem) => problems.push(problem),
            Ok(document) => {
                let found = check(&document);
                if found.is_empty() {
                    let operations = crate::openapi::operations(&document.value).len();
                    println!("{}: OK, {operations} operations", api.id);
                }
                problems.extend(found);
            }
        }
    }
    if !problems.is_empty() {
        eprintln!("{} problems", problems.len());
    }
    Ok(crate::generate::report(&problems))
}
