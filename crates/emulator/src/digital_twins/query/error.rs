//! The one error of the query engine, ready for the service's error envelope.

use super::syntax::Fault;

/// Why a query was refused. All of these are answered with status 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The service's error code: `SqlQueryError`, `BadRequest` (a continuation
    /// token that is not ours) or `TimeoutError` (a query that visits too much).
    pub code: &'static str,
    /// The message of the answer, in our own words.
    pub message: String,
    /// Line of the fault, counted from 1; 0 if it is not about the query text.
    pub line: usize,
    /// Column of the fault in characters, counted from 1; 0 if it is not about
    /// the query text.
    pub column: usize,
}

impl QueryError {
    pub(super) fn syntax(text: &str, fault: &Fault) -> Self {
        let (line, column) = fault.line_and_column(text);
        let fault = &fault.message;
        let message = format!("The query cannot be read, line {line}, column {column}: {fault}.");
        Self { code: "SqlQueryError", message, line, column }
    }

    pub(super) fn bad_token() -> Self {
        let message = "The continuation token was not given out by this instance.".to_owned();
        Self { code: "BadRequest", message, line: 0, column: 0 }
    }

    pub(super) fn too_long() -> Self {
        let message = "The query visits too many twins and relationships to finish in time. \
                       Narrow it by $dtId, by model or by fewer hops."
            .to_owned();
        Self { code: "TimeoutError", message, line: 0, column: 0 }
    }
}
