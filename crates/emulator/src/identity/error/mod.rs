//! Entra-shaped errors of the token endpoint and of the pages.
//!
//! Codes, statuses and error words are the vendor's; the sentences are ours.

mod client;
mod grant;
mod request;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;

use super::form::Repeated;

/// A refusal with its `AADSTS` code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenError {
    pub(crate) status: StatusCode,
    /// The OAuth error word (RFC 6749, section 5.2, and Entra's additions).
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) suberror: Option<&'static str>,
    /// What to send the user to the sign-in page with, JSON in a text.
    pub(crate) claims: Option<String>,
}

impl TokenError {
    fn new(status: StatusCode, error: &'static str, code: u32, message: String) -> Self {
        Self { status, error, code, message, suberror: None, claims: None }
    }

    /// The form or the query is not sound.
    fn invalid_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", code, message.into())
    }

    /// The application did not prove who it is.
    fn invalid_client(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", code, message.into())
    }

    /// What was handed in to be exchanged is not good, or no longer.
    fn invalid_grant(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", code, message.into())
    }

    fn with_error(self, error: &'static str) -> Self {
        Self { error, ..self }
    }

    fn with_suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    /// The text that users and logs get to see.
    pub(crate) fn description(&self, now: Timestamp, ids: &Ids) -> String {
        format!(
            "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            self.code,
            self.message,
            ids.trace,
            ids.correlation,
            stamp(now),
        )
    }

    /// The answer of the token endpoint.
    pub(crate) fn answer(&self, now: Timestamp, ids: &Ids, base_url: &str) -> Response {
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(now, ids),
            "error_codes": [self.code],
            "timestamp": stamp(now),
            "trace_id": ids.trace,
            "correlation_id": ids.correlation,
            "error_uri": format!("{base_url}/error?code={}", self.code),
        });
        if let Some(members) = body.as_object_mut() {
            if let Some(suberror) = self.suberror {
                members.insert("suberror".to_owned(), suberror.into());
            }
            if let Some(claims) = &self.claims {
                members.insert("claims".to_owned(), claims.clone().into());
            }
        }
        (self.status, Json(body)).into_response()
    }
}

impl From<Repeated> for TokenError {
    fn from(Repeated(field): Repeated) -> Self {
        Self::field_repeated(&field)
    }
}

/// The ids that an answer carries.
pub(crate) struct Ids {
    pub(crate) trace: String,
    /// The caller's `client-request-id` if sent.
    pub(crate) correlation: String,
}

/// Entra's time stamp, which is not RFC 3339.
fn stamp(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
