//! Continuation tokens: everything the next page needs, in one opaque word.
//!
//! A token carries the query text, so that the text of the next request can be
//! ignored as the service ignores it, and the place where the last page ended.
//! It is not secret, only checked: a changed or foreign token is refused.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Raised with every change of the form.
const VERSION: u8 = 1;

/// Bytes of the checksum kept in a token.
const CHECK_BYTES: usize = 8;

/// What a token carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    version: u8,
    /// The text of the query.
    pub(super) query: String,
    /// The last row given out.
    pub(super) position: Position,
    /// Rows that `TOP` still allows.
    pub(super) left: Option<usize>,
}

/// A row's place in the order of its query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Position {
    /// In a list of twins.
    Twin { id: String },
    /// In the list of all relationships, or in those of `twin`, ordered by name.
    Relationship { twin: String, name: String, source: String, id: String },
    /// In a walk: the first twin, the first hop taken from it, and the number
    /// of rows already given out behind that hop.
    Walk { start: String, hop: Option<Hop>, rows: usize },
}

/// The first hop of a walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hop {
    /// Which combination of direction and name.
    pub(super) lane: usize,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) id: String,
}

impl Token {
    pub(super) fn new(query: String, position: Position, left: Option<usize>) -> Self {
        Self { version: VERSION, query, position, left }
    }

    /// The token as the client sees it.
    pub(super) fn encode(&self) -> String {
        // Strings and numbers alone: this serialisation has no way to fail.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        let check = checksum(&bytes);
        bytes.extend(check);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token; nothing if it is not one of ours.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
        if checksum(payload) != check {
            return None;
        }
        let token: Self = serde_json::from_slice(payload).ok()?;
        (token.version == VERSION).then_some(token)
    }
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA256, bytes);
    hash.as_ref().iter().copied().take(CHECK_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        let position = Position::Twin { id: "räum 1".to_owned() };
        Token::new("SELECT * FROM DIGITALTWINS".to_owned(), position, Some(7))
    }

    #[test]
    fn tokens_round_trip() {
        assert_eq!(Token::decode(&token().encode()), Some(token()));
    }

    #[test]
    fn changed_cut_and_foreign_tokens_are_refused() {
        let text = token().encode();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Token::decode(&changed), None, "changed at {at}");
            assert_eq!(Token::decode(text.get(..at).unwrap()), None, "cut at {at}");
        }
        for foreign in ["", "*", "bm90IGEgdG9rZW4", "æ"] {
            assert_eq!(Token::decode(foreign), None);
        }
        let old = Token { version: VERSION - 1, ..token() };
        assert_eq!(Token::decode(&old.encode()), None);
    }
}
