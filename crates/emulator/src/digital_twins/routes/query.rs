//! `Query_QueryTwins`

use axum::response::Response;
use serde_json::Value;

use super::{answer, call::Call};
use crate::digital_twins::errors::ApiError;

pub(super) fn run(call: &Call) -> Result<Response, ApiError> {
    let body = call.json()?;
    let continuation = text(&body, "continuationToken")?;
    let query = text(&body, "query")?;
    if continuation.is_none() && query.is_none() {
        return Err(bad_request("The body needs a query or a continuationToken."));
    }
    let size = call.page_size()?;
    let page = call.instance.query(query.unwrap_or_default(), continuation, size)?;
    Ok(answer::rows(page.rows, page.continuation, page.charge))
}

/// A member that may be absent or null.
fn text<'b>(body: &'b Value, name: &str) -> Result<Option<&'b str>, ApiError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad_request(&format!("{name} must be a string."))),
    }
}

fn bad_request(message: &str) -> ApiError {
    ApiError::bad_request("BadRequest", message)
}
