//! Refusals of the data plane in the platform's error envelope.
//!
//! One type carries status, code and message from the rules to the wire. It
//! knows nothing of which operation raised it.

use std::fmt::Display;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ApiError {
    /// A refusal with any status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string() }
    }

    /// 400 `BadRequest`: the request is not understood.
    pub(crate) fn bad_request(message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 401 `Unauthenticated`.
    pub(crate) fn unauthenticated(message: impl Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthenticated", message)
    }

    /// 403 `Forbidden`.
    pub(crate) fn forbidden(message: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404 `NotFound`.
    pub(crate) fn not_found(message: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 404 `NotFound` for one resource.
    pub(crate) fn no_such(kind: &str, id: &str) -> Self {
        Self::not_found(format!("There is no {kind} {id:?}."))
    }

    /// 408 `RequestTimeout`: a device did not answer.
    pub(crate) fn request_timeout(message: impl Display) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message)
    }

    /// 409 `Conflict`.
    pub(crate) fn conflict(message: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 412 `PreconditionFailed`: an etag does not match.
    pub(crate) fn precondition(kind: &str, id: &str) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            format!("The {kind} {id:?} has another etag than the one sent."),
        )
    }

    /// 422 `InvalidBody` with all faults in one message, as the platform tells
    /// them.
    pub(crate) fn invalid_body(faults: &[String]) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "InvalidBody",
            format!("The body is not valid: {}.", faults.join("; ")),
        )
    }

    /// 422 `InvalidBody` for one fault.
    pub(crate) fn invalid(fault: impl Display) -> Self {
        Self::invalid_body(&[fault.to_string()])
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code word, such as `InvalidBody`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What was wrong, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `{"error": {"code", "message", "requestId", "time"}}`. The message ends
    /// with the request's id and time, as the platform's do; the time is in the
    /// form of RFC 1123.
    pub(crate) fn to_json(&self, request_id: &str, time: &str) -> Value {
        let Self { code, message, .. } = self;
        json!({"error": {
            "code": code,
            "message": format!("{message} Request id: {request_id}, time: {time}."),
            "requestId": request_id,
            "time": time,
        }})
    }
}
