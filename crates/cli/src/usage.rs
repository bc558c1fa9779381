//! Arguments that do not go together or cannot be meant: told like those that
//! clap refuses, with exit code 2.

use std::fmt;

/// What is wrong with the arguments.
#[derive(Debug)]
pub(crate) struct WrongUsage {
    text: String,
    hint: Option<String>,
}

impl WrongUsage {
    /// What cures it, if that is known.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for WrongUsage {}

/// An error that ends the program with exit code 2.
pub(crate) fn wrong(text: impl Into<String>) -> anyhow::Error {
    WrongUsage { text: text.into(), hint: None }.into()
}

/// The same with what cures it.
pub(crate) fn wrong_with(text: impl Into<String>, hint: Option<&str>) -> anyhow::Error {
    WrongUsage { text: text.into(), hint: hint.map(str::to_owned) }.into()
}
