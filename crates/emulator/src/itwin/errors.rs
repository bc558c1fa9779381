//! Refusals in the platform's error envelope.
//!
//! One type carries everything from the rules to the wire. It knows nothing of
//! which operation raised it. No operation is known to send an `innerError`, so
//! none does here.

use std::fmt::Display;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// A refused request.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    more: Box<More>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct More {
    target: Option<String>,
    details: Vec<Detail>,
    /// Further members of `error`, such as `objectIds`.
    members: Map<String, Value>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    code: &'static str,
    message: String,
    target: Option<String>,
}

impl Detail {
    pub(crate) fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string(), target: None }
    }

    /// Names the member, parameter or header at fault.
    pub(crate) fn at(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// `InvalidValue` of a member or parameter.
    pub(crate) fn invalid_value(target: impl Into<String>, message: impl Display) -> Self {
        Self::new("InvalidValue", message).at(target)
    }

    /// `MissingRequiredProperty`.
    pub(crate) fn missing_property(target: impl Into<String>) -> Self {
        Self::new("MissingRequiredProperty", "The property is needed and missing.").at(target)
    }

    /// `MissingRequiredParameter`.
    pub(crate) fn missing_parameter(target: impl Into<String>) -> Self {
        Self::new("MissingRequiredParameter", "The parameter is needed and missing.").at(target)
    }

    /// `MutuallyExclusiveParametersProvided`.
    pub(crate) fn exclusive_parameters(first: &str, second: &str) -> Self {
        let message = format!("{first} and {second} do not go together.");
        Self::new("MutuallyExclusiveParametersProvided", message).at(first)
    }

    /// `InvalidHeaderValue`.
    pub(crate) fn invalid_header(name: &str, message: impl Display) -> Self {
        Self::new("InvalidHeaderValue", message).at(name)
    }

    fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("code".to_owned(), self.code.into());
        members.insert("message".to_owned(), self.message.clone().into());
        if let Some(target) = &self.target {
            members.insert("target".to_owned(), target.clone().into());
        }
        members.into()
    }
}

impl ApiError {
    /// A refusal with any status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self { status, code, message: message.to_string(), more: Box::default() }
    }

    /// 401, with a code that tells the cause.
    pub(crate) fn unauthorized(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    /// 403 `InsufficientPermissions`.
    pub(crate) fn forbidden(message: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, "InsufficientPermissions", message)
    }

    /// 404 for one kind of resource, by its code, such as `iTwinNotFound`. It does
    /// not tell what is not there from what the caller may not see.
    pub(crate) fn not_found(code: &'static str, kind: &str) -> Self {
        let message = format!("There is no such {kind}, or the caller may not see it.");
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 404 `ResourceNotFound`: nothing is served at this path, for this method and
    /// version.
    pub(crate) fn no_route() -> Self {
        let message = "Nothing is served at this path for this method and version of the API. \
                       Look at the address and at the Accept header.";
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    /// 409.
    pub(crate) fn conflict(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 422 with the code of the API and what is wrong.
    pub(crate) fn invalid(code: &'static str, details: Vec<Detail>) -> Self {
        let message = "The request is understood and cannot be followed.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).with_details(details)
    }

    /// Names what is at fault for the error as a whole.
    pub(crate) fn at(mut self, target: impl Into<String>) -> Self {
        self.more.target = Some(target.into());
        self
    }

    pub(crate) fn with_detail(self, detail: Detail) -> Self {
        self.with_details(vec![detail])
    }

    fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.more.details.extend(details);
        self
    }

    /// One more member of `error`, such as `objectIds` or `conflictingLocks`.
    pub(crate) fn with_member(mut self, name: &str, value: Value) -> Self {
        self.more.members.insert(name.to_owned(), value);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code, such as `iTwinNotFound`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What was wrong, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `{"error": {"code", "message", "target"?, "details"?, ...}}`.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".to_owned(), self.code.into());
        error.insert("message".to_owned(), self.message.clone().into());
        if let Some(target) = &self.more.target {
            error.insert("target".to_owned(), target.clone().into());
        }
        if !self.more.details.is_empty() {
            let details: Vec<Value> = self.more.details.iter().map(Detail::to_json).collect();
            error.insert("details".to_owned(), details.into());
        }
        error.extend(self.more.members.clone());
        json!({"error": error})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_carries_targets_details_and_further_members() {
        let plain = ApiError::no_route().to_json();
        assert_eq!(plain["error"]["code"], "ResourceNotFound");
        assert!(plain["error"].get("details").is_none() && plain["error"].get("target").is_none());

        let detail = Detail::invalid_value("number", "It is taken.");
        let full = ApiError::conflict("iTwinExists", "There is one already.")
            .at("number")
            .with_detail(detail)
            .with_member("objectIds", json!(["0x1"]));
        assert_eq!(full.status(), StatusCode::CONFLICT);
        assert_eq!(
            full.to_json(),
            json!({"error": {
                "code": "iTwinExists",
                "message": "There is one already.",
                "target": "number",
                "details": [{
                    "code": "InvalidValue",
                    "message": "It is taken.",
                    "target": "number",
                }],
                "objectIds": ["0x1"],
            }})
        );
    }
}
