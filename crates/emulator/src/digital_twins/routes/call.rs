//! One request, read as far as every operation needs it.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, Uri, header},
};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde_json::Value;
use url::form_urlencoded;

use super::{Service, paging::Tokens, path::Resource, version::ApiVersion};
use crate::digital_twins::{Instance, errors::ApiError};

/// Most bytes read of a body that is not a model upload. Larger than any
/// documented limit, so that the rules can say what is wrong.
const BODY_BYTES: usize = 1024 * 1024;

/// Most bytes taken off the wire behind that. Who sends a body that is too
/// large reads the answer only after the body, unless the connection breaks.
const DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// A request with its body.
pub(super) struct Call {
    pub(super) instance: Arc<Instance>,
    pub(super) tokens: Tokens,
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
        let Service { instance, tokens, .. } = service;
        let config = instance.config();
        let (parts, body) = request.into_parts();
        let scheme = if config.tls { "https" } else { "http" };
        let host = header(&parts.headers, header::HOST.as_str())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or(&config.host_name);
        let origin = format!("{scheme}://{host}");
        let limits = &config.limits;
        let most = match resource {
            // Room for the brackets and commas of a full upload.
            Resource::Models => limits.models_per_call.saturating_mul(limits.model_bytes + 1024),
            _ => BODY_BYTES,
        };
        let body = read_body(body, most).await?;
        Ok(Self { instance, tokens, version, origin, uri: parts.uri, headers: parts.headers, body })
    }

    /// A header as text; one that is not text counts as absent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The first query parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.uri, name)
    }

    /// Every query parameter of this name.
    pub(super) fn parameters(&self, name: &str) -> Vec<String> {
        parameters(&self.uri, name).collect()
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
        let given = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let given = given.split(';').next().unwrap_or_default().trim();
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

/// The body, unless it breaks off or has more than `most` bytes.
async fn read_body(body: Body, most: usize) -> Result<Bytes, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut kept = BytesMut::new();
    let mut length: usize = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| {
            ApiError::invalid_argument("The body broke off, or is not framed as HTTP says.")
        })?;
        length = length.saturating_add(chunk.len());
        if length <= most {
            kept.extend_from_slice(&chunk);
        } else if length > most.saturating_add(DISCARDED_BYTES) {
            break;
        }
    }
    if length <= most {
        return Ok(kept.freeze());
    }
    Err(ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PayloadTooLarge",
        format!("The body has more than {most} bytes."),
    ))
}

/// A header as text.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The first query parameter of this name, in any case.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    parameters(uri, name).next()
}

fn parameters(uri: &Uri, name: &str) -> impl Iterator<Item = String> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_is_whole_and_within_the_limit_or_refused() {
        let body = |last: io::Result<&'static str>| {
            Body::from_stream(stream::iter([Ok("12"), Ok("34"), last]))
        };
        assert_eq!(read_body(body(Ok("5")), 5).await.unwrap(), "12345");
        let large = read_body(body(Ok("5")), 4).await.unwrap_err();
        assert_eq!((large.status().as_u16(), large.code()), (413, "PayloadTooLarge"));
        let broken = read_body(body(Err(io::Error::other("gone"))), 5).await.unwrap_err();
        assert_eq!((broken.status().as_u16(), broken.code()), (400, "InvalidArgument"));
    }
}
