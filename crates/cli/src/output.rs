//! How results are shown: text for people, JSON for programs. It must not know
//! what the results are.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::identity::claims::is_unprintable;

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
        writeln!(io::stdout(), "{}", json(document)?)?;
        Ok(())
    }

    /// Prints the document with `--json`, else the text.
    pub(crate) fn either(self, document: &impl Serialize, text: &str) -> Result<()> {
        if self.json { Self::document(document) } else { Self::text(text) }
    }

    /// The same for what was done, which has to be told also where stdout takes nothing;
    /// the exit code says whether it did.
    pub(crate) fn done(self, document: &impl Serialize, text: &str) -> Result<ExitCode> {
        let mut results = Results::default();
        results.either(self, document, text);
        Ok(results.ending())
    }

    /// The same for a plan that was carried out.
    pub(crate) fn applied(self, mut plan: Value, text: &str) -> Result<ExitCode> {
        add(&mut plan, "applied", true.into());
        self.done(&plan, text)
    }

    /// Prints text that is fit for a terminal.
    pub(crate) fn text(text: &str) -> Result<()> {
        writeln!(io::stdout(), "{text}")?;
        Ok(())
    }
}

/// Results of work that goes on although stdout takes no more of them: whoever asked for
/// it has to learn what was done, and gets them on stderr from then on.
#[derive(Default)]
pub(crate) struct Results {
    are_lost: bool,
}

impl Results {
    pub(crate) fn document(&mut self, document: &impl Serialize) {
        match json(document) {
            Ok(line) => self.text(&line),
            Err(error) => self.lose(&error.into(), ""),
        }
    }

    /// Text that is fit for a terminal.
    pub(crate) fn text(&mut self, text: &str) {
        if self.are_lost {
            tell!("{text}");
        } else if let Err(error) = writeln!(io::stdout(), "{text}") {
            self.lose(&error, text);
        }
    }

    /// The document with `--json`, else the text.
    pub(crate) fn either(&mut self, output: Output, document: &impl Serialize, text: &str) {
        if output.json { self.document(document) } else { self.text(text) }
    }

    /// What was done and did not get to stdout is no success.
    pub(crate) fn ending(&self) -> ExitCode {
        if self.are_lost { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn lose(&mut self, error: &io::Error, text: &str) {
        self.are_lost = true;
        tell!("The results cannot be written to stdout ({error}) and follow here:\n{text}");
    }
}

/// A document as JSON that a terminal shows as it is: what is not fit for one is
/// spelled by its number, which means the same.
pub(crate) fn json(document: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(document)?;
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        // Blanks between members; inside of strings there are none of these.
        if is_unprintable(character) && !matches!(character, '\t' | '\n' | '\r') {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text does not fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        } else {
            line.push(character);
        }
    }
    Ok(line)
}

/// Adds a member to a document, which is an object.
pub(crate) fn add(document: &mut Value, member: &str, value: Value) {
    if let Some(members) = document.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_means_the_same_and_no_terminal_obeys_it() {
        let odd = "\u{1b}\n\u{7f}\u{9b}31m\\\u{202e}\u{200b}\u{feff}\u{e0041}\"é日😀";
        let document = json!({"name": odd, odd: [odd]});
        let line = super::json(&document).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), document);
        assert!(!line.contains(is_unprintable), "{line}");
        for part in [r"\u009b31m\\\u202e\u200b\ufeff\udb40\udc41", "é日😀"] {
            assert!(line.contains(part), "{part} is missing: {line}");
        }
        // What a service wrote, with blanks between the members.
        let raw = serde_json::value::RawValue::from_string("{\n\t\"a\": 1\r}".to_owned());
        let raw = raw.unwrap();
        assert_eq!(super::json(&raw).unwrap(), raw.get());
    }
}
