//! One request, read as far as every operation needs it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, StatusCode, Uri, header},
};
use serde_json::Value;

use super::{Service, path::Resource, version::ApiVersion};
use crate::{
    digital_twins::{Instance, errors::ApiError},
    reading::{self, Unread},
    sealing::Sealer,
};

/// Most bytes read of a body that is not a model upload. Larger than any
/// documented limit, so that the rules can say what is wrong.
const BODY_BYTES: usize = 1024 * 1024;

/// A request with its body.
pub(super) struct Call {
    pub(super) instance: Arc<Instance>,
    pub(super) sealer: Sealer,
    pub(super) version: ApiVersion,
    /// Scheme and host that the client used, for links.
    pub(super) origin: String,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(super) async fn read(
        service: Service,
        request: Request,
        version: ApiVersion,
        resource: &Resource,
    ) -> Result<Self, ApiError> {
        let Service { instance, sealer, .. } = service;
        let config = instance.config();
        let (parts, body) = request.into_parts();
        let scheme = if config.tls { "https" } else { "http" };
        let host = reading::header(&parts.headers, header::HOST.as_str())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or(&config.host_name);
        let origin = format!("{scheme}://{host}");
        let limits = &config.limits;
        let most = match resource {
            // Room for the brackets and commas of a full upload.
            Resource::Models => limits.models_per_call.saturating_mul(limits.model_bytes + 1024),
            _ => BODY_BYTES,
        };
        let body = reading::body(body, most).await.map_err(unread)?;
        Ok(Self { instance, sealer, version, origin, uri: parts.uri, headers: parts.headers, body })
    }

    /// A header as text; one that is not text counts as absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        reading::header(&self.headers, name)
    }

    /// The first query parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        reading::parameter(&self.uri, name)
    }

    /// Every query parameter of this name.
    pub(super) fn parameters(&self, name: &str) -> Vec<String> {
        reading::parameters(&self.uri, name).collect()
    }

    /// `traceparent`, which events carry along.
    pub(super) fn trace(&self) -> Option<&str> {
        self.header("traceparent")
    }

    /// The body as JSON of media type `application/json`.
    pub(super) fn json(&self) -> Result<Value, ApiError> {
        self.body_of("application/json")
    }

    /// The body as JSON Patch.
    pub(super) fn patch(&self) -> Result<Value, ApiError> {
        self.body_of("application/json-patch+json")
    }

    fn body_of(&self, media_type: &str) -> Result<Value, ApiError> {
        let given = reading::media_type(&self.headers);
        if !given.eq_ignore_ascii_case(media_type) {
            let shown: String = given.chars().take(100).collect();
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UnsupportedMediaType",
                format!("The body must be {media_type}, not {shown:?}."),
            ));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| ApiError::invalid_argument(format!("The body is not JSON: {error}.")))
    }

    /// The upper bound that the request sets for a page, if it does.
    pub(super) fn page_size(&self) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.header("max-items-per-page") else { return Ok(None) };
        match text.trim().parse::<usize>() {
            Ok(size) if size > 0 => Ok(Some(size)),
            _ => Err(ApiError::invalid_argument(
                "The max-items-per-page header must be a whole number above zero.",
            )),
        }
    }

    /// The same, held below the service's own bound.
    pub(super) fn page_size_within(&self, most: usize) -> Result<usize, ApiError> {
        Ok(self.page_size()?.unwrap_or(most).min(most))
    }
}

fn unread(unread: Unread) -> ApiError {
    match unread {
        Unread::Broken => ApiError::invalid_argument(unread),
        Unread::TooLarge(_) => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", unread)
        }
    }
}
