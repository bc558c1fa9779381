//! One request, read as far as every operation needs it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use serde_json::Value;

use crate::{
    itwin::{ApiError, Platform, access::Caller, errors::Detail, state::Document},
    reading::{self, Unread},
};

/// Most bytes read of a body: more than any documented limit.
const BODY_BYTES: usize = 8 * 1024 * 1024;

/// A request with its body, and who sent it.
pub(in crate::itwin) struct Call {
    pub(in crate::itwin) platform: Arc<Platform>,
    pub(in crate::itwin) caller: Caller,
    /// Scheme and host that the client used, for links.
    pub(in crate::itwin) base: String,
    /// The path as it was sent.
    pub(in crate::itwin) path: String,
    pub(super) uri: Uri,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(super) async fn read(
        platform: Arc<Platform>,
        caller: Caller,
        base: String,
        request: Request,
    ) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = reading::body(body, BODY_BYTES).await.map_err(unread)?;
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        let path = uri.path().to_owned();
        Ok(Self { platform, caller, base, path, uri, method, headers, body })
    }

    /// The method by name, to be matched together with the path.
    pub(in crate::itwin) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The first query parameter of this name, in any case.
    pub(in crate::itwin) fn parameter(&self, name: &str) -> Option<String> {
        reading::parameter(&self.uri, name)
    }

    /// A header as text.
    pub(in crate::itwin) fn header(&self, name: &str) -> Option<&str> {
        reading::header(&self.headers, name)
    }

    /// Whether `Prefer` asks for everything there is of a resource.
    pub(in crate::itwin) fn wants_representation(&self) -> bool {
        let wishes = self.header("prefer").unwrap_or_default();
        wishes.split([',', ';']).any(|wish| {
            let wish: String = wish.split_whitespace().collect();
            wish.eq_ignore_ascii_case("return=representation")
        })
    }

    /// The media type of the body, without parameters.
    pub(in crate::itwin) fn content_type(&self) -> &str {
        reading::media_type(&self.headers)
    }

    /// The body as it is.
    pub(in crate::itwin) fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body: an object as `application/json`. 422 with this code if it is
    /// another thing or missing.
    pub(in crate::itwin) fn object(&self, code: &'static str) -> Result<Document, ApiError> {
        match self.json(code)? {
            Value::Object(members) => Ok(members),
            _ => Err(invalid_body(code, "The body is no JSON object.")),
        }
    }

    /// The body: any JSON.
    pub(in crate::itwin) fn json(&self, code: &'static str) -> Result<Value, ApiError> {
        if self.body.is_empty() {
            let detail = Detail::new("MissingRequestBody", "The body is missing.");
            return Err(ApiError::invalid(code, vec![detail]));
        }
        if !self.content_type().eq_ignore_ascii_case("application/json") {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UnsupportedMediaType",
                "The body must be application/json.",
            ));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| invalid_body(code, &format!("The body is not JSON: {error}.")))
    }
}

fn invalid_body(code: &'static str, message: &str) -> ApiError {
    ApiError::invalid(code, vec![Detail::new("InvalidRequestBody", message)])
}

fn unread(unread: Unread) -> ApiError {
    match unread {
        Unread::Broken => ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", unread),
        Unread::TooLarge(_) => too_large(&unread.to_string()),
    }
}

/// 413; the code is a guess, as the platform's is not known.
pub(in crate::itwin) fn too_large(message: &str) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", message)
}

/// The parts of a path behind its first slash. A slash at the end says nothing.
pub(super) fn words(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    reading::words(path)
}

/// The words of a path with the literals among them in the spelling given here:
/// the platform takes any case. The other words are ids and stay as they are.
pub(in crate::itwin) fn spelled<'w>(words: &[&'w str], literals: &[&'static str]) -> Vec<&'w str> {
    let spelled = |word: &&'w str| -> &'w str {
        let literal = literals.iter().find(|literal| literal.eq_ignore_ascii_case(word));
        literal.copied().unwrap_or(word)
    };
    words.iter().map(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_split_off_before_they_are_decoded() {
        assert_eq!(words("/itwins/a%2Fb%20c/").unwrap(), ["itwins", "a/b c"]);
        assert_eq!(words("/").unwrap(), [""]);
        assert_eq!(words("/%ff"), None);
    }

    #[test]
    fn literals_are_matched_in_any_case_and_ids_are_kept() {
        let words = spelled(&["Favorites", "AbC"], &["favorites", "recents"]);
        assert_eq!(words, ["favorites", "AbC"]);
    }
}
