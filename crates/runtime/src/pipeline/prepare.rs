//! What is done to a request before an attempt: checks, and everything that the
//! operation table and the caller add. Nothing is sent here.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Request, Url};

use super::Call;
use crate::{Context, Error, ErrorKind, Operation, path};

/// The query parameter of the API version.
const API_VERSION: &str = "api-version";

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub(super) fn prepare(context: &Context, call: &Call, request: &mut Request) -> Result<(), Error> {
    if let Some(fault) = &context.options().fault {
        return Err(Error::InvalidRequest(fault.clone()));
    }
    check_url(context, call, request.url())?;
    if let Some(row) = call.row {
        set_media_types(row, request);
        if let Some(version) = row.api_version
            && !call.verbatim
        {
            set_api_version(request.url_mut(), version);
        }
    }
    for (name, value) in &context.options().headers {
        request.headers_mut().insert(name, value.clone());
    }
    if let Some(parent) = context.trace_parent() {
        request.headers_mut().entry(&TRACEPARENT).or_insert(parent);
    }
    Ok(())
}

/// The URL must lie below the client's endpoint, and must still have the shape
/// of its template: a parameter that was empty or `..` would have addressed
/// something else.
fn check_url(context: &Context, call: &Call, url: &Url) -> Result<(), Error> {
    let foreign = || {
        let shown = twinkit_http::redact::url(url);
        let message = format!("{shown} is not on this client's endpoint {}", context.origin());
        Error::new(ErrorKind::InvalidRequest, message)
    };
    if !context.origin().contains(url) {
        return Err(foreign());
    }
    let Some(row) = call.row.filter(|_| !call.verbatim) else { return Ok(()) };
    let path = url.path().strip_prefix(context.base_path()).ok_or_else(foreign)?;
    if path::fits(row.path, path) {
        return Ok(());
    }
    Err(Error::InvalidRequest(format!(
        "the path is not one of {}: a parameter is empty, \".\" or \"..\", which no URL can \
         express, or it is another operation's",
        row.path
    )))
}

fn set_media_types(row: &Operation, request: &mut Request) {
    if let Some(accept) = row.accept {
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
    }
    if let Some(media) = row.content_type
        && request.body().is_some()
    {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
}

fn set_api_version(url: &mut Url, version: &str) {
    // Names are decoded only where the text hints at the parameter.
    let hinted = url.query().is_some_and(|query| query.contains(API_VERSION));
    if !hinted || !url.query_pairs().any(|(name, _)| name == API_VERSION) {
        url.query_pairs_mut().append_pair(API_VERSION, version);
    }
}
