//! Arguments that do not go together: told like those that clap refuses, with
//! exit code 2.

use std::fmt;

/// What is wrong with the arguments.
#[derive(Debug)]
pub(crate) struct WrongUsage(String);

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// An error that ends the program with exit code 2.
pub(crate) fn wrong(text: impl Into<String>) -> anyhow::Error {
    WrongUsage(text.into()).into()
}
