//! The one error of the query engine, ready for the service's error envelope.

use super::syntax::Fault;

/// The documentation that the service's own message points to.
const SAMPLES: &str = "See samples in https://aka.ms/adtv2query for the correct syntax.";

/// Why a query was refused. All of these are answered with status 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The service's error code: `SqlQueryError`, `BadRequest` (a continuation
    /// token that is not ours) or `TimeoutError` (a query that visits too much).
    pub code: &'static str,
    /// The message of the answer, in the form of recorded ones.
    pub message: String,
    /// Line of the fault, counted from 1; 0 if it is not about the query text.
    pub line: usize,
    /// Column of the fault in characters, counted from 1; 0 if it is not about
    /// the query text. The message's `Position` counts from 0, as recorded.
    pub column: usize,
}

impl QueryError {
    pub(super) fn syntax(text: &str, fault: &Fault) -> Self {
        let (line, column) = fault.line_and_column(text);
        let position = column - 1;
        let message = format!(
            "SQL query parse failed: SQL Parser Error, Line={line}, Position={position}, \
             Message={} {SAMPLES}",
            fault.message
        );
        Self { code: "SqlQueryError", message, line, column }
    }

    pub(super) fn bad_token() -> Self {
        let message = "An invalid continuationToken was provided.".to_owned();
        Self { code: "BadRequest", message, line: 0, column: 0 }
    }

    pub(super) fn too_long() -> Self {
        let message = "The query visits too many twins and relationships to finish in time. \
                       Narrow it by $dtId, by model or by fewer hops."
            .to_owned();
        Self { code: "TimeoutError", message, line: 0, column: 0 }
    }
}
