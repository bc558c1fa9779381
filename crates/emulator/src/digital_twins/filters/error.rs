//! Why a filter was refused.

use crate::digital_twins::query::syntax::Fault;

/// A filter that cannot be read: answered with status 400 and
/// [`FilterError::CODE`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The message of the answer, in our own words.
    pub message: String,
    /// Line of the fault, counted from 1.
    pub line: usize,
    /// Column of the fault in characters, counted from 1.
    pub column: usize,
}

impl FilterError {
    /// The service's error code.
    pub const CODE: &'static str = "EventRouteFilterInvalid";

    pub(super) fn new(text: &str, fault: &Fault) -> Self {
        let (line, column) = fault.line_and_column(text);
        let fault = &fault.message;
        let message = format!("The filter cannot be read, line {line}, column {column}: {fault}.");
        Self { message, line, column }
    }
}
