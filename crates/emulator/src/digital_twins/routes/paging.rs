//! Continuation tokens of lists, and the links that carry them.
//!
//! A token holds the list it belongs to, the options of the first request, and
//! the last item given out. It is sealed, so that one that is not ours, or is
//! of another list, is refused with 400 `BadRequest`. It outlives neither the
//! process nor a day (our choice; the platform's life span is not known).

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{call::Call, path::encode};
use crate::digital_twins::errors::ApiError;

/// How long a token is taken, in seconds.
const LIFETIME: i64 = 24 * 3600;
/// Length of the seal.
const SEAL: usize = 32;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The list, as `models`, with the ids in its path.
    pub(super) list: Vec<String>,
    /// Options of the first request.
    pub(super) options: Vec<String>,
    /// The last item given out.
    pub(super) after: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    issued: i64,
    place: Place,
}

/// Makes and reads tokens with a key of its own.
#[derive(Clone)]
pub(super) struct Tokens {
    key: Arc<hmac::Key>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let secret = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()];
        Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret.as_flattened())) }
    }

    fn seal(&self, place: Place, now: i64) -> String {
        let content = serde_json::to_vec(&Sealed { issued: now, place }).unwrap_or_default();
        let mut bytes = hmac::sign(&self.key, &content).as_ref().to_vec();
        bytes.extend(content);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, token: &str, now: i64) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seal, content) = bytes.split_at_checked(SEAL)?;
        hmac::verify(&self.key, content, seal).ok()?;
        let sealed: Sealed = serde_json::from_slice(content).ok()?;
        (now.saturating_sub(sealed.issued) <= LIFETIME).then_some(sealed.place)
    }
}

impl Call {
    /// Where the request goes on with `list`: `None` for a first page.
    pub(super) fn place(&self, list: &[&str]) -> Result<Option<Place>, ApiError> {
        let Some(token) = self.parameter("continuationToken") else { return Ok(None) };
        let now = self.instance.clock.unix_seconds();
        self.tokens.open(&token, now).filter(|place| place.list == list).map(Some).ok_or_else(
            || ApiError::bad_request("BadRequest", "The continuation token is not valid."),
        )
    }

    /// The link to the next page at `path`, with the token and the version only.
    pub(super) fn next_link(&self, path: &str, place: Place) -> String {
        let token = self.tokens.seal(place, self.instance.clock.unix_seconds());
        format!(
            "{}{path}?continuationToken={}&api-version={}",
            self.origin,
            encode(&token),
            self.version.as_str()
        )
    }

    /// The link to the next page of a list whose items have one id.
    pub(super) fn simple_link(
        &self,
        path: &str,
        list: &[&str],
        next: Option<String>,
    ) -> Option<String> {
        let list = list.iter().map(|&part| part.to_owned()).collect();
        next.map(|id| self.next_link(path, Place { list, options: Vec::new(), after: vec![id] }))
    }
}

/// The one id after which a list of single ids goes on.
pub(super) fn after(place: Option<&Place>) -> Option<&str> {
    place.and_then(|place| place.after.first()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { list: vec!["models".into()], options: vec![], after: vec!["a".into()] }
    }

    #[test]
    fn tokens_are_sealed_and_expire() {
        let tokens = Tokens::new();
        let token = tokens.seal(place(), 100);
        assert_eq!(tokens.open(&token, 100), Some(place()));
        assert_eq!(tokens.open(&token, 100 + LIFETIME), Some(place()));
        assert_eq!(tokens.open(&token, 101 + LIFETIME), None);
        assert_eq!(Tokens::new().open(&token, 100), None);
        assert_eq!(tokens.open("", 100), None);
        assert_eq!(tokens.open("not a token", 100), None);
        let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(tokens.open(&URL_SAFE_NO_PAD.encode(bytes), 100), None);
    }
}
