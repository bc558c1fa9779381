//! Reading requests: bodies within a bound, headers as text, paths, query
//! parameters.
//!
//! What is wrong with them each platform says in its own words.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Uri, header::CONTENT_TYPE},
};
use bytes::BytesMut;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// Most bytes taken off the wire behind the bound. Who sends a body that is too
/// large reads the answer only after the body, unless the connection breaks.
const DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("The body broke off, or is not framed as HTTP says.")]
    Broken,
    #[error("The body has more than {0} bytes.")]
    TooLarge(usize),
}

/// The body, unless it breaks off or has more than `most` bytes.
pub(crate) async fn body(body: Body, most: usize) -> Result<Bytes, Unread> {
    let mut chunks = body.into_data_stream();
    let mut kept = BytesMut::new();
    let mut length: usize = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        length = length.saturating_add(chunk.len());
        if length <= most {
            kept.extend_from_slice(&chunk);
        } else if length > most.saturating_add(DISCARDED_BYTES) {
            break;
        }
    }
    if length <= most { Ok(kept.freeze()) } else { Err(Unread::TooLarge(most)) }
}

/// The parts of a path, split before they are decoded, so that `%2F` stays part
/// of an id; nothing if one is not UTF-8. The first is empty where the path begins
/// with a slash.
pub(crate) fn words(path: &str) -> Option<Vec<String>> {
    let decoded = path.split('/').map(|part| percent_decode_str(part).decode_utf8());
    decoded.map(|word| word.ok().map(std::borrow::Cow::into_owned)).collect()
}

/// A header as text; one that is not text counts as absent.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The media type of the body, without parameters; empty if there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let given = header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim()
}

/// The first query parameter of this name, in any case.
pub(crate) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    parameters(uri, name).next()
}

/// Every query parameter of this name, in any case.
pub(crate) fn parameters(uri: &Uri, name: &str) -> impl Iterator<Item = String> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    #[test]
    fn ids_are_split_off_before_they_are_decoded() {
        assert_eq!(words("/api/a%2Fb%3B1/c").unwrap(), ["", "api", "a/b;1", "c"]);
        assert_eq!(words("/").unwrap(), ["", ""]);
        assert_eq!(words("/%ff"), None);
    }

    #[tokio::test]
    async fn a_body_is_whole_and_within_the_limit_or_refused() {
        let chunks = |last: io::Result<&'static str>| {
            Body::from_stream(stream::iter([Ok("12"), Ok("34"), last]))
        };
        assert_eq!(body(chunks(Ok("5")), 5).await.unwrap(), "12345");
        assert_eq!(body(chunks(Ok("5")), 4).await.unwrap_err(), Unread::TooLarge(4));
        let broken = body(chunks(Err(io::Error::other("gone"))), 5).await;
        assert_eq!(broken.unwrap_err(), Unread::Broken);
    }
}
