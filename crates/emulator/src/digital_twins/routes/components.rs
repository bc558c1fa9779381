//! `DigitalTwins_GetComponent`, `_UpdateComponent`

use axum::response::Response;

use super::{answer, call::Call};
use crate::digital_twins::{errors::ApiError, rules::conditions::IfMatch};

pub(super) fn get(call: &Call, twin: &str, name: &str) -> Result<Response, ApiError> {
    let (component, etag) = call.instance.get_component(twin, name)?;
    Ok(answer::with_etag(&component, &etag))
}

pub(super) fn update(call: &Call, twin: &str, name: &str) -> Result<Response, ApiError> {
    let condition = IfMatch::parse(call.header("if-match"))?;
    let patch = call.patch()?;
    let etag = call.instance.update_component(twin, name, &patch, &condition, call.trace())?;
    Ok(answer::updated(&etag))
}
