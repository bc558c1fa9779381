//! Open documents through the client's own types for them.
//!
//! A builder takes and gives these as they are, whatever their members are
//! called; it is the types that know the declared members.

use serde_json::{Map, Value};

use super::Subject;
use super::given::Given;
use crate::spec::{Document, Open, SpecError};

/// The body as the client's type encodes it; `None` if it is no open document.
/// The inner error is a difference.
pub(super) fn body(
    document: &Document,
    subject: &impl Subject,
    given: &Given<'_>,
) -> Result<Result<Option<Value>, String>, SpecError> {
    let (Some(body), Some(value)) = (&given.operation.body, &given.body) else {
        return Ok(Ok(None));
    };
    // The type is for whole documents.
    if super::given::patches(given.operation) {
        return Ok(Ok(None));
    }
    let Some(open) = document.open(&body.schema, value)? else { return Ok(Ok(None)) };
    Ok(encoded(subject, &given.operation.id, open).map(Some))
}

/// The difference between an answer's declared members and what the client's
/// type makes of them.
///
/// # Errors
/// A reference leads nowhere.
pub fn of_answer(
    document: &Document,
    subject: &impl Subject,
    operation: &str,
    schema: &Value,
    value: &Value,
) -> Result<Option<String>, SpecError> {
    let Some(Open { declared, .. }) = document.open(schema, value)? else { return Ok(None) };
    let alone = Open { declared: declared.clone(), others: Map::new() };
    Ok(match encoded(subject, operation, alone) {
        Ok(kept) if kept == declared => None,
        Ok(kept) => Some(format!("of the members {declared} the client's type has {kept}")),
        Err(difference) => Some(difference),
    })
}

fn encoded(subject: &impl Subject, operation: &str, open: Open) -> Result<Value, String> {
    match subject.document(operation, open) {
        Some(Ok(document)) => Ok(document),
        Some(Err(error)) => Err(format!("the client's type does not fit the document: {error}")),
        None => Err("the client has no type for the document".to_owned()),
    }
}
