//! Answers: JSON, etags, empty ones, and the headers that all have.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::stream;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::digital_twins::errors::JSON_UTF8;

/// JSON with a status.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    with_body(status, Body::from(value.to_string()))
}

/// JSON with status 200 and the `ETag` header.
pub(super) fn with_etag(value: &Value, etag: &str) -> Response {
    let mut response = json(StatusCode::OK, value);
    set_etag(&mut response, etag);
    response
}

/// Nothing, status 204.
pub(super) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Nothing, status 204, with the new etag.
pub(super) fn updated(etag: &str) -> Response {
    let mut response = no_content();
    set_etag(&mut response, etag);
    response
}

/// A page of a list; the last one says so with an explicit null.
pub(super) fn page(items: Vec<Value>, next_link: Option<String>) -> Response {
    json(StatusCode::OK, &json!({"value": items, "nextLink": next_link}))
}

/// A page of a query, sent in chunks as the platform does.
pub(super) fn rows(rows: Vec<Value>, continuation: Option<String>, charge: f64) -> Response {
    let text = json!({"value": rows, "continuationToken": continuation}).to_string();
    let chunk = stream::once(async move { Ok::<_, Infallible>(Bytes::from(text)) });
    let mut response = with_body(StatusCode::OK, Body::from_stream(chunk));
    if let Ok(charge) = HeaderValue::from_str(&charge.to_string()) {
        response.headers_mut().insert("query-charge", charge);
    }
    response
}

/// The headers that every answer has.
pub(super) fn common_headers(headers: &mut HeaderMap, tls: bool, traceparent: Option<&str>) {
    if tls {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=2592000"));
    }
    let values = [
        ("mise-correlation-id", Uuid::new_v4().to_string()),
        ("traceresponse", trace_response(traceparent)),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// The trace of the request, or a new one, with a span of our own.
fn trace_response(traceparent: Option<&str>) -> String {
    let fresh = Uuid::new_v4().simple().to_string();
    let span = Uuid::new_v4().simple().to_string();
    let span: String = span.chars().take(16).collect();
    let given = traceparent.and_then(|text| text.split('-').nth(1));
    let trace = given
        .filter(|trace| trace.len() == 32 && trace.chars().all(|c| c.is_ascii_hexdigit()))
        .unwrap_or(&fresh);
    format!("00-{trace}-{span}-01")
}

fn with_body(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_UTF8));
    response
}

fn set_etag(response: &mut Response, etag: &str) {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_of_the_request_goes_on() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let response = trace_response(Some(&format!("00-{trace}-b7ad6b7169203331-01")));
        assert!(response.starts_with(&format!("00-{trace}-")), "{response}");
        for bad in [None, Some(""), Some("00-zz-b7ad6b7169203331-01")] {
            assert_eq!(trace_response(bad).len(), 55);
        }
    }
}
