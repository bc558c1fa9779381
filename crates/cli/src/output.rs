//! How results are shown: text for people, JSON for programs. It must not know
//! what the results are.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

/// How results are shown.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Output {
    /// Print JSON: one document, of lists one for each item and line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Output {
    /// Prints a document on a line of its own.
    pub(crate) fn document(document: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(document)?;
        writeln!(io::stdout(), "{line}")?;
        Ok(())
    }

    /// Prints the document with `--json`, else the text.
    pub(crate) fn either(self, document: &impl Serialize, text: &str) -> Result<()> {
        if self.json { Self::document(document) } else { Self::text(text) }
    }

    /// The same for what was done; the exit code says so.
    pub(crate) fn done(self, document: &impl Serialize, text: &str) -> Result<ExitCode> {
        self.either(document, text)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The same for a plan that was carried out.
    pub(crate) fn applied(self, mut plan: Value, text: &str) -> Result<ExitCode> {
        add(&mut plan, "applied", json!(true));
        self.done(&plan, text)
    }

    /// Prints text that is fit for a terminal.
    pub(crate) fn text(text: &str) -> Result<()> {
        writeln!(io::stdout(), "{text}")?;
        Ok(())
    }
}

/// Adds a member to a document, which is an object.
pub(crate) fn add(document: &mut Value, member: &str, value: Value) {
    if let Some(members) = document.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}
