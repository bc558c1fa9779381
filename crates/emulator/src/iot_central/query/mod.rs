//! The query language of previews: telemetry over time, or properties as they are,
//! of the devices of one template.
//!
//! ```text
//! SELECT [TOP n] item [AS alias], ... FROM template
//!     [WHERE condition] [GROUP BY WINDOW(duration)] [ORDER BY item [ASC|DESC]]
//! ```
//!
//! | file | duty |
//! |---|---|
//! | `ast` | a query as read |
//! | `parser` | text into a query |
//! | `check` | what the names in it are, and whether they go together |
//! | `rows` | the rows of messages and of devices |
//! | `aggregate` | many rows into one |
//!
//! # Our choices, where the platform's behaviour is not known
//!
//! - A query that cannot be read, or is about what the template lacks, is 422.
//! - Each comparison, `IN` and `WITHIN_WINDOW` counts as an operator.
//! - A row of telemetry is a message of a device or of one of its components; it
//!   has at least one of the values asked for, and null for the others. The newest
//!   comes first. A row of properties is a device.
//! - Windows begin at whole multiples of their length since 1970, in UTC. Without
//!   `WINDOW` there is one row; without any message there is none.
//! - More rows than there may be are cut off, unless `TOP` asks for them (422).
//! - History reaches back as far as messages are kept: a number, not days.

mod aggregate;
mod ast;
mod check;
mod parser;
mod rows;

use serde_json::Value;

use super::{ApiError, routes::Call, state::State};

/// Whether a text is a query, for fuzz targets.
#[cfg(feature = "_fuzzing")]
pub(super) fn reads(text: &str, now: jiff::Timestamp) -> Result<(), super::syntax::Fault> {
    parser::parse(text, now).map(drop)
}

/// Runs a query for its caller.
pub(super) fn run(call: &Call, state: &State, text: &str) -> Result<Vec<Value>, ApiError> {
    let now = call.application.now();
    let query = parser::parse(text, now).map_err(|fault| fault_of(&fault.to_string()))?;
    let bound = check::check(&query, text, state).map_err(|fault| fault_of(&fault.to_string()))?;
    Ok(rows::rows(call, state, &query, &bound, now))
}

fn fault_of(fault: &str) -> ApiError {
    ApiError::invalid(format!("query cannot be read {fault}"))
}
