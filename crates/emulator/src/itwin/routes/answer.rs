//! What an operation answers: a status, JSON or a file unless there is nothing to
//! say, and headers of its own.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use serde_json::Value;

/// An answer that is no refusal.
#[derive(Debug)]
pub(in crate::itwin) struct Answer {
    status: StatusCode,
    content: Option<Content>,
    headers: Vec<(HeaderName, String)>,
}

#[derive(Debug)]
enum Content {
    Json(Value),
    /// With its media type.
    File(&'static str, Bytes),
}

impl Answer {
    pub(in crate::itwin) fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, content: body.map(Content::Json), headers: Vec::new() }
    }

    /// 200 with a file of this media type.
    pub(in crate::itwin) fn file(media: &'static str, bytes: Bytes) -> Self {
        let content = Some(Content::File(media, bytes));
        Self { status: StatusCode::OK, content, headers: Vec::new() }
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
        let (media, body) = match self.content {
            None => (None, Body::empty()),
            Some(Content::Json(body)) => (Some("application/json"), Body::from(body.to_string())),
            Some(Content::File(media, bytes)) => (Some(media), Body::from(bytes)),
        };
        let mut response = Response::new(body);
        if let Some(media) = media {
            let media = HeaderValue::from_static(media);
            response.headers_mut().insert(header::CONTENT_TYPE, media);
        }
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
