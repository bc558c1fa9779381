//! What the programs of this package print, for others to read. A reader who has seen
//! enough, as `head` has, ends them without a word, where `println!` would panic. It
//! must not know what is printed.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Prints a text as it is.
///
/// # Errors
/// It cannot be written, be it that nobody reads on: [`ending`] takes care of that.
pub fn print(text: impl Display) -> io::Result<()> {
    write!(io::stdout(), "{text}")
}

/// Prints a line.
///
/// # Errors
/// As those of [`print()`].
pub fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// How a program ends: one that nobody reads on has failed, and says nothing of it.
///
/// # Errors
/// Whatever else kept it from its work.
pub fn ending(outcome: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    let unread = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    match outcome {
        Err(error) if error.downcast_ref().is_some_and(unread) => Ok(ExitCode::FAILURE),
        outcome => outcome,
    }
}
