//! Storage errors: XML with a code, repeated in `x-ms-error-code`.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;

pub(super) const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// A refusal of the storage service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StorageError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    message: &'static str,
    detail: Option<String>,
}

impl StorageError {
    pub(super) const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, detail: None }
    }

    /// 403 `AuthenticationFailed`, with what exactly failed.
    pub(super) fn authentication(detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(
                StatusCode::FORBIDDEN,
                "AuthenticationFailed",
                "The request could not be authenticated. Check the signature.",
            )
        }
    }

    pub(super) const fn permission() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AuthorizationPermissionMismatch",
            "The signature does not permit this operation.",
        )
    }

    pub(super) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "BlobNotFound", "There is no such blob.")
    }

    pub(super) const fn wrong_kind() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "InvalidBlobType",
            "The blob is of another type than the operation needs.",
        )
    }

    pub(super) const fn header_missing() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "MissingRequiredHeader",
            "A header that this operation needs is missing.",
        )
    }

    pub(super) const fn header_invalid() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidHeaderValue",
            "The value of a header is not valid.",
        )
    }

    pub(super) fn answer(&self, now: Timestamp, request_id: &str) -> Response {
        let detail = self.detail.as_ref().map_or_else(String::new, |detail| {
            let detail = quick_xml::escape::escape(detail.as_str());
            format!("<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>")
        });
        let text = format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{}</Code><Message>{}\n\
             RequestId:{request_id}\nTime:{}</Message>{detail}</Error>",
            self.code,
            self.message,
            now.strftime("%Y-%m-%dT%H:%M:%S%.7fZ"),
        );
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        headers.insert(ERROR_CODE, HeaderValue::from_static(self.code));
        response
    }
}
