//! Entra-shaped errors of the token endpoint.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;

/// A refusal with its `AADSTS` code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenError {
    pub(crate) status: StatusCode,
    /// The OAuth error word (RFC 6749, section 5.2, and Entra's additions).
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl TokenError {
    fn new(status: StatusCode, error: &'static str, code: u32, message: String) -> Self {
        Self { status, error, code, message }
    }

    pub(crate) fn tenant_not_found(tenant: &str) -> Self {
        let message = format!("There is no tenant '{tenant}' here.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 90002, message)
    }

    pub(crate) fn tenant_malformed(tenant: &str) -> Self {
        let message = format!("'{tenant}' is neither a tenant id nor a domain name.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_023, message)
    }

    pub(crate) fn tenant_missing() -> Self {
        let message = "A client credentials request must name its tenant.".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 90019, message)
    }

    pub(crate) fn field_missing(field: &str) -> Self {
        let message = format!("The form has no field '{field}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, message)
    }

    pub(crate) fn field_repeated(field: &str) -> Self {
        let message = format!("The form has the field '{field}' more than once.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 9_000_410, message)
    }

    pub(crate) fn post_only() -> Self {
        let message = "The token endpoint takes POST only.".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_561, message)
    }

    pub(crate) fn grant_unsupported(grant: &str) -> Self {
        let message = format!("The grant type '{grant}' is not supported.");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", 70003, message)
    }

    pub(crate) fn application_unknown(client_id: &str, tenant: &str) -> Self {
        let message =
            format!("The application '{client_id}' is not in the directory of tenant '{tenant}'.");
        Self::new(StatusCode::BAD_REQUEST, "unauthorized_client", 700_016, message)
    }

    pub(crate) fn secret_missing() -> Self {
        let message =
            "The form has neither a field 'client_secret' nor 'client_assertion'.".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_218, message)
    }

    pub(crate) fn secret_wrong(client_id: &str) -> Self {
        let message = format!(
            "The client secret sent is not one of application '{client_id}'. \
             Send the secret's value, not its id."
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, message)
    }

    pub(crate) fn scope_malformed(scope: &str) -> Self {
        let message = format!("The scope '{scope}' is not valid.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", 70011, message)
    }

    pub(crate) fn scope_not_default(scope: &str) -> Self {
        let message =
            format!("The scope '{scope}' does not end in '/.default', as client credentials need.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", 1_002_012, message)
    }

    pub(crate) fn several_resources(scope: &str) -> Self {
        let message = format!("The scope '{scope}' names more than one resource.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 28000, message)
    }

    pub(crate) fn resource_unknown(resource: &str, tenant: &str) -> Self {
        let message = format!("The resource '{resource}' has no principal in tenant '{tenant}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_resource", 500_011, message)
    }

    pub(crate) fn signing_failed() -> Self {
        let message = "The token could not be signed.".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", 90033, message)
    }

    /// The answer; `correlation_id` is the caller's `client-request-id` if sent.
    pub(crate) fn answer(
        &self,
        now: Timestamp,
        trace_id: &str,
        correlation_id: &str,
        base_url: &str,
    ) -> Response {
        let timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\nTimestamp: {timestamp}",
            self.code, self.message
        );
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("{base_url}/error?code={}", self.code),
        });
        (self.status, Json(body)).into_response()
    }
}
