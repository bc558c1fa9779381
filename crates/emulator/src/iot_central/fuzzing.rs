//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use jiff::Timestamp;
use serde_json::Value;

use super::{filters, query};

/// Whether a document is let through by the `filter` of a list, or why that
/// cannot be read. The document's members are the fields.
pub fn list_filter(text: &str, document: &Value) -> Result<bool, String> {
    let fields: Vec<&str> =
        document.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let condition = filters::parse_list(text, &fields).map_err(|fault| fault.to_string())?;
    Ok(condition.holds(&member_of(document)))
}

/// The same for the `filter` of a device group.
pub fn group_filter(text: &str, document: &Value) -> Result<bool, String> {
    let condition = filters::parse_group(text).map_err(|fault| fault.to_string())?;
    Ok(condition.is_none_or(|condition| condition.holds(&member_of(document))))
}

/// Whether a text is a query, or why not.
pub fn query(text: &str) -> Result<(), String> {
    query::reads(text, Timestamp::UNIX_EPOCH).map_err(|fault| fault.to_string())
}

fn member_of(document: &Value) -> impl Fn(&str) -> Value {
    |name| document.get(name).cloned().unwrap_or_default()
}
