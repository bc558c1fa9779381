//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use serde_json::{Map, Value};

use super::itwins::Filter;

/// Whether an iTwin is let through by a `$filter`; nothing if that is none.
pub fn itwin_filter(text: &str, itwin: &Map<String, Value>) -> Option<bool> {
    Filter::read(text).ok().map(|filter| filter.lets(itwin))
}
