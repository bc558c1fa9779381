//! Programs that gates need beside cargo. They are named, never installed: that is for
//! the person to decide.

use std::process::{Command, Stdio};

/// A subcommand of cargo that is installed apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tool {
    /// The package, and the program.
    pub(super) name: &'static str,
    /// What `cargo` is told.
    pub(super) subcommand: &'static str,
}

impl Tool {
    /// Whether it is installed.
    pub(super) fn is_here(self) -> bool {
        let mut command = Command::new("cargo");
        command.args([self.subcommand, "--version"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// The command that installs it.
    pub(super) fn installation(self) -> String {
        format!("cargo install --locked {}", self.name)
    }

    /// What `--list` says of it.
    pub(super) fn standing(self) -> String {
        let is = if self.is_here() { "is here" } else { "is missing" };
        format!(" ({} {is})", self.name)
    }
}
