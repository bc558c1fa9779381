//! `DigitalTwins_GetById`, `_Add`, `_Update`, `_Delete`

use axum::response::Response;

use super::{answer, call::Call};
use crate::digital_twins::{
    errors::ApiError,
    rules::conditions::{IfMatch, IfNoneMatch},
};

pub(super) fn get(call: &Call, id: &str) -> Result<Response, ApiError> {
    let twin = call.instance.get_twin(id)?;
    Ok(answer::with_etag(&twin.document, &twin.etag))
}

pub(super) fn put(call: &Call, id: &str) -> Result<Response, ApiError> {
    let condition = IfNoneMatch::parse(call.header("if-none-match"))?;
    let twin = call.instance.put_twin(id, &call.json()?, condition, call.trace())?;
    Ok(answer::with_etag(&twin.document, &twin.etag))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Response, ApiError> {
    let condition = IfMatch::parse(call.header("if-match"))?;
    let etag = call.instance.update_twin(id, &call.patch()?, &condition, call.trace())?;
    Ok(answer::updated(&etag))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Response, ApiError> {
    let condition = IfMatch::parse(call.header("if-match"))?;
    call.instance.delete_twin(id, &condition, call.trace())?;
    Ok(answer::no_content())
}
