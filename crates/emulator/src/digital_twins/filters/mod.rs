//! The language of event-route filters: which events a route lets through.
//!
//! It knows the form of events; routes, endpoints and how events come about are
//! not its business.
//!
//! # Grammar
//!
//! | rule | form |
//! |---|---|
//! | filter | `OR` of `AND` of \[ `NOT` \] test or `(` filter `)` |
//! | test | `true`; `false`; operand (`=` `!=` `<` `>` `<=` `>=`) operand; function |
//! | function | `STARTS_WITH`, `ENDS_WITH`, `CONTAINS` `(operand, operand)` |
//! | operand | attribute, `$body.`name { `.`name }, `'text'`, number, `true`, `false` |
//! | attribute | `type`, `source`, `subject`, `dataschema`, `datacontenttype`, `specversion`, `$eventType` |
//!
//! Attributes, names and values are case-sensitive; keywords and functions are
//! read in any case (lower-case `or` is recorded). There are no array fields.
//!
//! # Our choices, where the service's behaviour is not known
//!
//! - `NOT` is accepted. What the event lacks, or what is of another type, makes
//!   a comparison hold neither plainly nor negated.
//! - `$eventType` is the older name of `type`; it equals the event's type and
//!   also the class of notification that older filters name, such as
//!   `DigitalTwinTelemetryMessages`.
//! - Names outside the table are refused; conditions nest 64 deep.

mod ast;
mod error;
mod evaluate;
mod parser;
#[cfg(test)]
mod tests;

pub use error::FilterError;

use super::events::CloudEvent;

/// A filter that was read successfully.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(ast::Condition);

impl Filter {
    /// Whether the filter lets an event through.
    #[must_use]
    pub fn matches(&self, event: &CloudEvent) -> bool {
        evaluate::truth(&self.0, event) == Some(true)
    }
}

/// Reads a filter.
///
/// # Errors
/// Says what is wrong with the text, and where.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    parser::parse(text).map(Filter).map_err(|fault| FilterError::new(text, &fault))
}
