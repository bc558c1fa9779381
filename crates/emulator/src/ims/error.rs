//! Bare OAuth errors (RFC 6749, section 5.2).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::identity::form::Repeated;

/// A refusal: the word and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OAuthError {
    pub(super) error: &'static str,
    pub(super) description: String,
    /// Whether the client used `Authorization: Basic`, which decides the status
    /// of `invalid_client`.
    pub(super) by_header: bool,
}

impl OAuthError {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), by_header: false }
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::new("invalid_request", format!("The form has no field '{field}'."))
    }

    pub(super) fn invalid_grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(super) fn server_error() -> Self {
        Self::new("server_error", "The token could not be signed.")
    }
}

impl From<Repeated> for OAuthError {
    fn from(Repeated(field): Repeated) -> Self {
        Self::new("invalid_request", format!("The form has the field '{field}' more than once."))
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let status = match self.error {
            "invalid_client" if self.by_header => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"ims\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
