//! ARM's errors.

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{RESOURCE_GROUP, SUBSCRIPTION_ID};
use crate::identity::{Refusal, TENANT_ID};

/// A refusal in ARM's envelope.
#[derive(Debug)]
pub(super) struct ArmError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Where to get a token; of 401 only.
    authority: Option<String>,
}

impl ArmError {
    fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, code, message, authority: None }
    }

    fn unauthorized(code: &'static str, message: &str, authority: &str) -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, code, message.to_owned());
        Self { authority: Some(authority.to_owned()), ..error }
    }

    pub(super) fn token_missing(authority: &str) -> Self {
        let message = "The 'Authorization' header is missing.";
        Self::unauthorized("AuthenticationFailed", message, authority)
    }

    pub(super) fn token_refused(refusal: &Refusal, authority: &str) -> Self {
        match refusal {
            Refusal::Unauthorized | Refusal::Challenged => Self::unauthorized(
                "InvalidAuthenticationToken",
                "The access token is malformed, expired, revoked, or not for \
                 https://management.azure.com/ or https://management.core.windows.net/.",
                authority,
            ),
            Refusal::WrongTenant => Self::unauthorized(
                "InvalidAuthenticationTokenTenant",
                "The access token is of a tenant that the subscription does not belong to.",
                authority,
            ),
        }
    }

    pub(super) fn version_missing() -> Self {
        let message = "The api-version query parameter (?api-version=) is needed.".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message)
    }

    pub(super) fn version_unknown(version: &str) -> Self {
        let message = format!("The api-version '{version}' is not served here.");
        Self::new(StatusCode::BAD_REQUEST, "InvalidApiVersionParameter", message)
    }

    pub(super) fn method_not_allowed(method: &Method) -> Self {
        let message = format!("{method} is not served here: nothing can be changed.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
    }

    pub(super) fn path_unknown(path: &str) -> Self {
        let message = format!("The emulator serves nothing at '{path}'.");
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    pub(super) fn subscription_unknown(id: &str) -> Self {
        let message =
            format!("The subscription '{id}' is not there; the only one is '{SUBSCRIPTION_ID}'.");
        Self::new(StatusCode::NOT_FOUND, "SubscriptionNotFound", message)
    }

    pub(super) fn group_unknown(name: &str) -> Self {
        let message = format!(
            "The resource group '{name}' is not there; the only one is '{RESOURCE_GROUP}'."
        );
        Self::new(StatusCode::NOT_FOUND, "ResourceGroupNotFound", message)
    }

    pub(super) fn resource_unknown(kind: &str, name: &str) -> Self {
        let message = format!(
            "The resource '{kind}/{name}' is not there, under resource group '{RESOURCE_GROUP}'."
        );
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }
}

impl IntoResponse for ArmError {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert("x-ms-failure-cause", HeaderValue::from_static("gateway"));
        if let Some(authority) = &self.authority {
            let challenge = format!(
                "Bearer authorization_uri=\"{authority}/{TENANT_ID}\", \
                 error=\"invalid_token\", error_description=\"{}\"",
                self.message
            );
            if let Ok(value) = HeaderValue::try_from(challenge) {
                headers.insert(header::WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}
