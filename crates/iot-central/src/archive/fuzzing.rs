//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use std::path::Path;

use super::{ArchiveError, Collection, document, restore};
use crate::Json;

/// The ids in an archive by collection, or why the collection is missing.
pub type Contents = Vec<(Collection, Result<Vec<String>, String>)>;

/// Reads a whole archive as a restore does.
pub fn contents(folder: &Path) -> Result<Contents, ArchiveError> {
    restore::contents(folder)
}

/// A document as a line of an archive.
pub fn line(document: &Json) -> String {
    let mut line = String::new();
    document::push_line(&mut line, document);
    line
}

/// The members of a line, read and written again.
pub fn again(line: &str) -> Option<String> {
    let members: document::Members = serde_json::from_str(line).ok()?;
    members.to_json().ok().map(|json| json.get().to_owned())
}
