//! What commands print to standard output, for others to read. A reader who has seen
//! enough, as `head` has, ends the command without a word, where `println!` would
//! panic. It must not know what is printed.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints a text as it is.
///
/// # Errors
/// It cannot be written; [`is_unread`] knows whether that is because nobody reads on.
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

/// Whether a command failed only because nobody reads on what it prints.
pub fn is_unread(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
}
