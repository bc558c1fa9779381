//! What an operation answers: a status, and JSON unless there is nothing to say.

use axum::http::StatusCode;
use serde_json::Value;

/// An answer that is no refusal.
#[derive(Debug)]
pub(in crate::iot_central) struct Answer {
    status: StatusCode,
    body: Option<Value>,
}

impl Answer {
    pub(in crate::iot_central) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body) }
    }

    /// 200, for what is created as well as for what is replaced.
    pub(in crate::iot_central) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 201, for commands only.
    pub(in crate::iot_central) fn created(body: Value) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    /// 202, for writes of properties only.
    pub(in crate::iot_central) fn accepted(body: Value) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// 204.
    pub(in crate::iot_central) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }
}
