//! How a program ends: with an exit code, and with an error shown so that a person
//! knows what to do. It must not know what the program does.

use std::process::ExitCode;

use twinkit::auth::AuthError;
// One type for all platforms.
use twinkit::digital_twins::Error as ServiceError;

/// The exit code of what a program did; an error is told on stderr.
#[must_use]
pub fn of(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {}", story(&error));
        ExitCode::FAILURE
    })
}

/// What happened, down to the first cause that tells its own causes, and on a line of
/// its own what to do about it, if the library knows.
#[must_use]
pub fn story(error: &anyhow::Error) -> String {
    let mut texts = Vec::new();
    for cause in error.chain() {
        texts.push(cause.to_string());
        if cause.is::<ServiceError>() || cause.is::<AuthError>() {
            break;
        }
    }
    let hint = error.chain().find_map(|cause| cause.downcast_ref::<ServiceError>()?.hint());
    let hint = hint.map(|hint| format!("\nhint: {}", printable(hint))).unwrap_or_default();
    printable(&texts.join(": ")) + &hint
}

/// A text that came from elsewhere, without what would move a terminal's cursor.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
