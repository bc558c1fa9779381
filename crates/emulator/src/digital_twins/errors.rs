//! Refusals of the data plane in the platform's error envelope.
//!
//! One type carries status, code, message and the list of single faults from
//! the rules to the wire. It knows nothing of which operation raised it.

use std::fmt::Display;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Header that repeats the error code, declared since version 2022-05-31.
pub(crate) const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// Media type of every JSON answer.
pub(crate) const JSON_UTF8: &str = "application/json; charset=utf-8";

/// Faults told of one request; the message says how many there are.
pub(crate) const MOST_FAULTS: usize = 100;

/// A refused request: status, code and message, and the single faults if the
/// request was refused for its content.
///
/// `Display` tells the single faults too, for those who have no answer to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}{}", listed(details))]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<String>,
}

impl ApiError {
    /// A refusal with any status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string(), details: Vec::new() }
    }

    /// 400 with a code.
    pub(crate) fn bad_request(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 `InvalidArgument`: an id, header, parameter or body that cannot be read.
    pub(crate) fn invalid_argument(message: impl Display) -> Self {
        Self::bad_request("InvalidArgument", message)
    }

    /// 400 `JsonPatchInvalid`.
    pub(crate) fn json_patch(message: impl Display) -> Self {
        Self::bad_request("JsonPatchInvalid", message)
    }

    /// 400 `ValidationFailed` with the faults in `details`, as many as can be
    /// read. The platform's message is the same whatever the faults are
    /// (azure-sdk-for-python #23445): who shows only that helps nobody, and
    /// should notice it here.
    pub(crate) fn validation(subject: &str, mut faults: Vec<String>) -> Self {
        let message = match faults.len() {
            1 => format!("The {subject} is not valid: 1 fault, listed in details."),
            count => format!("The {subject} is not valid: {count} faults, listed in details."),
        };
        faults.truncate(MOST_FAULTS);
        Self { details: faults, ..Self::bad_request("ValidationFailed", message) }
    }

    /// 404 with a code.
    pub(crate) fn not_found(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 409 with a code.
    pub(crate) fn conflict(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 412 `PreconditionFailed`.
    pub(crate) fn precondition(message: impl Display) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message)
    }

    /// 500: the store could not keep a change.
    pub(crate) fn store(error: &std::io::Error) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            format!("The change could not be stored: {error}"),
        )
    }

    /// The same refusal under another code.
    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The platform's error code, as `ValidationFailed`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What was wrong, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The single faults of a refused document; empty for other refusals.
    #[must_use]
    pub fn details(&self) -> &[String] {
        &self.details
    }

    /// `{"code", "message", "details"?}`: the `error` member of the envelope.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if !self.details.is_empty()
            && let Some(members) = error.as_object_mut()
        {
            let details: Vec<Value> = self
                .details
                .iter()
                .map(|fault| json!({"code": self.code, "message": fault}))
                .collect();
            members.insert("details".into(), Value::Array(details));
        }
        error
    }
}

/// The faults as text to go on with after the message.
fn listed(faults: &[String]) -> String {
    faults.iter().map(|fault| format!(" {fault};")).collect::<String>().trim_end_matches(';').into()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.to_json()}).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_UTF8));
        headers.insert(ERROR_CODE, HeaderValue::from_static(self.code));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_details_only() {
        let error = ApiError::validation("digital twin", vec!["temp is not a double".into()]);
        assert_eq!(
            error.to_json(),
            json!({
                "code": "ValidationFailed",
                "message": "The digital twin is not valid: 1 fault, listed in details.",
                "details": [{"code": "ValidationFailed", "message": "temp is not a double"}],
            })
        );
        assert_eq!(
            error.to_string(),
            format!("ValidationFailed: {} temp is not a double", error.message())
        );
    }

    #[test]
    fn details_are_absent_when_there_are_none() {
        let error = ApiError::not_found("ModelNotFound", "no such model");
        assert_eq!(error.to_json(), json!({"code": "ModelNotFound", "message": "no such model"}));
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers().get(ERROR_CODE).unwrap(), "ModelNotFound");
    }
}
