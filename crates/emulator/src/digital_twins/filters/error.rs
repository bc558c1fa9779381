//! Why a filter was refused.

use crate::digital_twins::query::syntax::Fault;

/// The documentation that the service's own message points to.
const DOCUMENTATION: &str = "See event route documentation for supported values and structure \
                             (https://aka.ms/ADTv2Routes).";

/// A filter that cannot be read: answered with status 400 and
/// [`FilterError::CODE`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The message of the answer, in the form of recorded ones.
    pub message: String,
    /// Line of the fault, counted from 1.
    pub line: usize,
    /// Column of the fault in characters, counted from 1 (as the message's
    /// `Position` does here, unlike that of queries).
    pub column: usize,
}

impl FilterError {
    /// The service's error code.
    pub const CODE: &'static str = "EventRouteFilterInvalid";

    pub(super) fn new(text: &str, fault: &Fault) -> Self {
        let (line, column) = fault.line_and_column(text);
        let message = format!(
            "The provided filter is invalid. Parsing error, Line={line}, Position={column}, \
             Message={}. {DOCUMENTATION}",
            fault.message
        );
        Self { message, line, column }
    }
}
