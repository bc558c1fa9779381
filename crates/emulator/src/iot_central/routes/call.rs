//! One request, read as far as every operation needs it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header},
};
use serde_json::Value;

use super::version::ApiVersion;
use crate::{
    iot_central::{ApiError, Application, access::Caller, state::Document},
    reading::{self, Unread},
};

/// Most bytes read of a body: more than any documented limit.
const BODY_BYTES: usize = 4 * 1024 * 1024;

/// A request with its body, and who sent it.
pub(in crate::iot_central) struct Call {
    pub(in crate::iot_central) application: Arc<Application>,
    pub(in crate::iot_central) caller: Caller,
    pub(in crate::iot_central) version: ApiVersion,
    /// Scheme and host that the client used and what stands before `/api`, for
    /// links.
    pub(super) base: String,
    /// The path from `/api` on, as it was sent.
    pub(super) path: String,
    pub(super) uri: Uri,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(super) async fn read(
        application: Arc<Application>,
        caller: Caller,
        version: ApiVersion,
        base: String,
        path: String,
        request: Request,
    ) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = reading::body(body, BODY_BYTES).await.map_err(unread)?;
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        Ok(Self { application, caller, version, base, path, uri, method, headers, body })
    }

    /// The method by name, to be matched together with the path.
    pub(in crate::iot_central) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The first query parameter of this name.
    pub(in crate::iot_central) fn parameter(&self, name: &str) -> Option<String> {
        reading::parameter(&self.uri, name)
    }

    /// `If-Match`, which PATCH takes in the newest preview.
    pub(in crate::iot_central) fn if_match(&self) -> Option<&str> {
        let asked = self.version == ApiVersion::Preview && self.method == Method::PATCH;
        asked.then(|| reading::header(&self.headers, header::IF_MATCH.as_str())).flatten()
    }

    /// The body of a PUT or POST: an object as `application/json`.
    pub(in crate::iot_central) fn object(&self) -> Result<Document, ApiError> {
        self.object_of(&["application/json"])
    }

    /// The body of a PATCH: a merge patch. Some operations declare only one of
    /// the two media types; the vendor's command line sends plain JSON to all.
    pub(in crate::iot_central) fn merge_patch(&self) -> Result<Document, ApiError> {
        self.object_of(&["application/merge-patch+json", "application/json"])
    }

    fn object_of(&self, media_types: &[&str]) -> Result<Document, ApiError> {
        let given = reading::media_type(&self.headers);
        if !media_types.iter().any(|known| known.eq_ignore_ascii_case(given)) {
            let shown: String = given.chars().take(100).collect();
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UnsupportedMediaType",
                format!("The body must be {}, not {shown:?}.", media_types.join(" or ")),
            ));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(ApiError::invalid("the body is no object")),
            Err(error) => Err(ApiError::bad_request(format!("The body is not JSON: {error}."))),
        }
    }
}

fn unread(unread: Unread) -> ApiError {
    match unread {
        Unread::Broken => ApiError::bad_request(unread),
        Unread::TooLarge(_) => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", unread)
        }
    }
}
