//! What an operation answers: a status, JSON unless there is nothing to say, and
//! headers of its own.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

/// An answer that is no refusal.
#[derive(Debug)]
pub(in crate::itwin) struct Answer {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    pub(in crate::itwin) fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// 200.
    pub(in crate::itwin) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// 201.
    pub(in crate::itwin) fn created(body: Value) -> Self {
        Self::new(StatusCode::CREATED, Some(body))
    }

    /// 202.
    pub(in crate::itwin) fn accepted(body: Option<Value>) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// 204.
    pub(in crate::itwin) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }

    /// 302 to another address.
    pub(in crate::itwin) fn found(location: String) -> Self {
        Self::new(StatusCode::FOUND, None).with(header::LOCATION, location)
    }

    /// One more header.
    pub(in crate::itwin) fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = match &self.body {
            None => Response::new(Body::empty()),
            Some(body) => {
                let mut response = Response::new(Body::from(body.to_string()));
                let media = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, media);
                response
            }
        };
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
