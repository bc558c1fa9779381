//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use super::query::syntax::lexer::{Kind, lex};

/// The tokens of a query: a string literal by its value, anything else as `None`.
/// Nothing if the text has no tokens.
pub fn query_tokens(text: &str) -> Option<Vec<Option<String>>> {
    let tokens = lex(text).ok()?.into_iter();
    Some(
        tokens
            .map(|token| match token.kind {
                Kind::Text(text) => Some(text),
                _ => None,
            })
            .collect(),
    )
}
