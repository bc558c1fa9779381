//! `ImportJobs_*`

use axum::{http::StatusCode, response::Response};

use super::{answer, call::Call, paging};
use crate::digital_twins::errors::ApiError;

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let size = call.page_size_within(call.instance.config().pages.jobs)?;
    let place = call.place(&["imports"])?;
    let page = call.instance.list_import_jobs(paging::after(place.as_ref()), size)?;
    Ok(answer::page(page.items, call.simple_link("/jobs/imports", &["imports"], page.next)))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Response, ApiError> {
    Ok(answer::json(StatusCode::OK, &call.instance.get_import_job(id)?))
}

pub(super) fn add(call: &Call, id: &str) -> Result<Response, ApiError> {
    let job = call.instance.create_import_job(id, &call.json()?)?;
    Ok(answer::json(StatusCode::CREATED, &job))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Response, ApiError> {
    call.instance.delete_import_job(id)?;
    Ok(answer::no_content())
}

pub(super) fn cancel(call: &Call, id: &str) -> Result<Response, ApiError> {
    Ok(answer::json(StatusCode::OK, &call.instance.cancel_import_job(id)?))
}
