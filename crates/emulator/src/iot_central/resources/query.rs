//! Queries (previews): a `POST` that only reads.

use serde_json::json;

use crate::iot_central::{
    ApiError,
    access::{Access, Area},
    query,
    routes::{Answer, Call, nothing_here},
    rules::Body,
};

pub(super) fn answer(call: &Call) -> Result<Answer, ApiError> {
    if call.method() != "POST" {
        return Err(nothing_here());
    }
    call.caller.require(Area::Query, Access::Read)?;
    let document = call.object()?;
    let mut body = Body::new(&document);
    let text = body.text("query").unwrap_or_default();
    body.verdict()?;
    let state = call.application.read();
    Ok(Answer::ok(json!({"results": query::run(call, &state, text)?})))
}
