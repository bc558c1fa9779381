//! `DeleteJobs_*`

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use serde_json::Value;

use super::{answer, call::Call, paging, path::encode};
use crate::digital_twins::errors::ApiError;

/// Not declared, but in the vendor's example.
const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let size = call.page_size_within(call.instance.config().pages.jobs)?;
    let place = call.place(&["deletions"])?;
    let page = call.instance.list_delete_jobs(paging::after(place.as_ref()), size)?;
    Ok(answer::page(page.items, call.simple_link("/jobs/deletions", &["deletions"], page.next)))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Response, ApiError> {
    Ok(answer::json(StatusCode::OK, &call.instance.get_delete_job(id)?))
}

pub(super) fn add(call: &Call) -> Result<Response, ApiError> {
    let minutes = match call.parameter("timeoutInMinutes") {
        None => None,
        Some(text) => Some(text.trim().parse().map_err(|_| {
            let fault = "timeoutInMinutes must be a whole number".to_owned();
            ApiError::validation("delete job", vec![fault])
        })?),
    };
    let job = call.instance.create_delete_job(call.header("operation-id"), minutes)?;
    let mut response = answer::json(StatusCode::ACCEPTED, &job);
    let id = job.get("id").and_then(Value::as_str).unwrap_or_default();
    let location = format!(
        "{}/jobs/deletions/{}?api-version={}",
        call.origin,
        encode(id),
        call.version.as_str()
    );
    for (name, value) in [(OPERATION_LOCATION, location.as_str()), (OPERATION_ID, id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
