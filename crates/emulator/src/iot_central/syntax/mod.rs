//! What the filter languages and the query language have in common: tokens, a
//! place in them, and faults that say where they are. It knows no language.

mod cursor;
mod lexer;

pub(super) use cursor::{Cursor, MAX_DEPTH};
pub(super) use lexer::Kind;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {place}: {what}")]
pub(in crate::iot_central) struct Fault {
    /// Counted from 1.
    pub(in crate::iot_central) place: usize,
    pub(in crate::iot_central) what: String,
}

impl Fault {
    /// A fault at a byte of the text.
    pub(in crate::iot_central) fn new(text: &str, byte: usize, what: impl Into<String>) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        Self { place: before.chars().count() + 1, what: what.into() }
    }
}
