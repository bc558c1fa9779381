//! The HTTP face of the identity service: tokens and device codes. Discovery
//! and pages are beside.
//!
//! `{tenant}` is a tenant id or domain name; `adfs` selects the AD FS layout.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::Value;

use super::{
    discovery,
    error::{Ids, TokenError},
    foreign,
    form::Form,
    grants::{self, device_code},
    new_id, pages,
    tenant::Tenant,
    token::Authority,
};

pub(super) type Shared = State<Arc<Authority>>;

/// All routes of the identity listener.
pub(crate) fn router(authority: Arc<Authority>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", get(token_by_get).post(token))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device))
        .route("/{tenant}/oauth2/token", any(refuse_version_one))
        .route("/adfs/oauth2/token", get(token_by_get).post(adfs_token))
        .with_state(Arc::clone(&authority))
        .merge(discovery::router(Arc::clone(&authority)))
        .merge(foreign::router(Arc::clone(&authority)))
        .merge(pages::router(authority))
}

async fn token(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::of_body(&headers, &body);
    let body = Tenant::find(&authority, &tenant)
        .and_then(|tenant| grants::answer(&authority, &tenant, &form, &headers));
    respond(&authority, &headers, body)
}

async fn adfs_token(State(authority): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    let body = grants::answer(&authority, &Tenant::adfs(), &form, &headers);
    respond(&authority, &headers, body)
}

async fn device(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::of_body(&headers, &body);
    let body = Tenant::find(&authority, &tenant)
        .and_then(|tenant| device_code::start(&authority, &tenant, &form));
    respond(&authority, &headers, body)
}

async fn token_by_get(State(authority): Shared, headers: HeaderMap) -> Response {
    respond(&authority, &headers, Err(TokenError::post_only()))
}

async fn refuse_version_one(State(authority): Shared, headers: HeaderMap) -> Response {
    respond(&authority, &headers, Err(TokenError::version_one()))
}

/// The answer with the headers that Entra puts on each of them.
pub(super) fn respond(
    authority: &Authority,
    request: &HeaderMap,
    body: Result<Value, TokenError>,
) -> Response {
    let ids = Ids { trace: new_id(), correlation: correlation_id(request) };
    let mut response = match body {
        Ok(body) => Json(body).into_response(),
        Err(error) => error.answer(authority.clock.now(), &ids, &authority.base_url),
    };
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("-1"));
    if let Ok(value) = HeaderValue::from_str(&ids.trace) {
        headers.insert(HeaderName::from_static("x-ms-request-id"), value);
    }
    let wanted = request.get("return-client-request-id");
    if wanted.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
        && let Ok(value) = HeaderValue::from_str(&ids.correlation)
    {
        headers.insert(HeaderName::from_static("client-request-id"), value);
    }
    response
}

fn correlation_id(headers: &HeaderMap) -> String {
    headers
        .get("client-request-id")
        .and_then(|value| value.to_str().ok())
        .map_or_else(new_id, str::to_owned)
}
