//! Numbers that JSON has no form for. `serde_json` writes them as `null`, which says
//! something else: that there is no value, or in a patch that it is to be taken away.
//! It must not know what is done with a value.

mod walk;

use std::fmt;

use serde::{Serialize, ser};

use walk::Finite;

/// Refuses a value that is such a number, or holds one.
///
/// # Errors
/// Where the number stands. Also what the value says when it cannot be written.
pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Fault> {
    value.serialize(Finite { deep: true })
}

/// Refuses a value that is such a number. What it holds is not looked at.
///
/// # Errors
/// It is one.
pub(crate) fn check_alone<T: Serialize + ?Sized>(value: &T) -> Result<(), Fault> {
    value.serialize(Finite { deep: false })
}

/// Refuses such a number.
///
/// # Errors
/// It is one.
pub(crate) fn check_number<E: ser::Error>(number: f64) -> Result<(), E> {
    if number.is_finite() {
        return Ok(());
    }
    Err(E::custom(format_args!("{number} is not a number in JSON")))
}

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Such as `values[1].speed`; empty for the value itself.
    path: String,
    reason: String,
}

impl Fault {
    fn below(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { path: String::new(), reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests;
