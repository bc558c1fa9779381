//! `EventRoutes_*`

use axum::{http::StatusCode, response::Response};

use super::{answer, call::Call, paging};
use crate::digital_twins::errors::ApiError;

/// Path of the list in links, in the case that the platform uses.
const LIST: &str = "/EventRoutes";

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let size = call.page_size_within(call.instance.config().pages.event_routes)?;
    let place = call.place(&["eventroutes"])?;
    let page = call.instance.list_event_routes(paging::after(place.as_ref()), size);
    Ok(answer::page(page.items, call.simple_link(LIST, &["eventroutes"], page.next)))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Response, ApiError> {
    Ok(answer::json(StatusCode::OK, &call.instance.get_event_route(id)?))
}

pub(super) fn put(call: &Call, id: &str) -> Result<Response, ApiError> {
    call.instance.put_event_route(id, &call.json()?)?;
    Ok(answer::no_content())
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Response, ApiError> {
    call.instance.delete_event_route(id)?;
    Ok(answer::no_content())
}
