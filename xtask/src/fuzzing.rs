//! What reads foreign documents, for the fuzz targets (`tests/fuzzed`).
//!
//! Both give what was wrong, as the commands print it: nothing may panic.

use std::path::Path;

use crate::adopt::tree::Place;
use crate::document::{Document, Problem};
use crate::drift::read::surface;
use crate::{catalogue, generate};

/// All passes over a document: lint, normalise, generate, emit. Gives the names
/// and texts of the files.
///
/// # Errors
/// What is wrong with the document.
pub fn generated(text: &str) -> Result<Vec<(String, String)>, Vec<String>> {
    let document = read(text).map_err(|problem| told(&[problem]))?;
    let Some(api) = catalogue::APIS.first() else { return Ok(Vec::new()) };
    match generate::generate(api, &document) {
        Ok(output) => {
            let named = |file: crate::emit::File| (file.path.display().to_string(), file.text);
            Ok(output.files.into_iter().map(named).collect())
        }
        Err(problems) => Err(told(&problems)),
    }
}

/// Reads a document as a vendor's (`drift`), and where all of it stands
/// (`adopt`). Gives the number of its operations.
///
/// # Errors
/// What is wrong with the document.
pub fn vendor(text: &str) -> Result<usize, Vec<String>> {
    let document = read(text).map_err(|problem| told(&[problem]))?;
    Place::parse(text).map_err(|reason| vec![reason])?;
    let surface = surface(&document).map_err(|problem| told(&[problem]))?;
    Ok(surface.operations.len())
}

fn read(text: &str) -> Result<Document, Problem> {
    let json = text.trim_start().starts_with('{');
    let name = if json { "fuzzed.json" } else { "fuzzed.yaml" };
    Document::parse(Path::new(name), text.to_owned())
}

/// Problems as they are printed.
fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
