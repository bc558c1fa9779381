//! Reading an OpenAPI document, and the one shape in which anything wrong
//! with it is reported.
//!
//! A document is kept as a [`serde_json::Value`] whose objects keep the order
//! of the file: generated code follows the order a person chose. This module
//! knows nothing of OpenAPI beyond "a file of objects, lists and scalars".

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Something wrong with a document: where it stands and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file, as it was named to us.
    pub file: PathBuf,
    /// JSON pointer (RFC 6901) of the place; empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

impl Problem {
    /// Builds a problem.
    pub fn new(
        file: impl Into<PathBuf>,
        pointer: impl Into<String>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            pointer: pointer.into(),
            message: message.into(),
            cure: cure.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        let (pointer, message) = (harmless(pointer), harmless(&self.message));
        write!(f, "{}: {pointer}: {message}\n  cure: {}", self.file.display(), self.cure)
    }
}

impl std::error::Error for Problem {}

/// A text with the control characters and marks of writing direction that a
/// foreign document may hold as escapes; lines stay lines.
fn harmless(text: &str) -> String {
    let is_harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A document and the name it goes by in messages.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it came from; shown in problems and in generated headers.
    pub file: PathBuf,
    /// The text exactly as read.
    pub text: String,
    /// The parsed content.
    pub value: Value,
}

impl Document {
    /// Reads a YAML or JSON file. JSON is told by the extension `.json`;
    /// everything else is read as YAML, of which JSON is a part.
    pub fn load(path: &Path) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Problem::new(
                path,
                "",
                format!("cannot be read: {error}"),
                "check the path, and that the file is UTF-8 text",
            )
        })?;
        Self::parse(path, text)
    }

    /// Parses text that was read from `file`.
    pub fn parse(file: &Path, text: String) -> Result<Self, Problem> {
        let json = file.extension().is_some_and(|extension| extension == "json");
        let parsed = if json {
            serde_json::from_str::<Value>(&text).map_err(|error| error.to_string())
        } else {
            serde_saphyr::from_str::<Value>(&text).map_err(|error| error.to_string())
        };
        let value = parsed.map_err(|error| {
            let kind = if json { "JSON" } else { "YAML" };
            Problem::new(
                file,
                "",
                format!("is not valid {kind}: {error}"),
                "mend the syntax at the line and column named above",
            )
        })?;
        if !value.is_object() {
            return Err(Problem::new(
                file,
                "",
                "is not an object at the top",
                "an OpenAPI document starts with members such as `openapi`, `info`, `paths`",
            ));
        }
        Ok(Self { file: file.to_path_buf(), text, value })
    }

    /// A problem at `pointer` of this document.
    pub fn problem(
        &self,
        pointer: impl Into<String>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Problem {
        Problem::new(&self.file, pointer, message, cure)
    }
}

/// Appends one member name to a JSON pointer, escaped as RFC 6901 asks.
pub fn join(pointer: &str, member: &str) -> String {
    format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, text: &str) -> Result<Document, Problem> {
        Document::parse(Path::new(name), text.to_owned())
    }

    #[test]
    fn yaml_keeps_the_order_of_the_file() {
        let document = parse("a.yaml", "z: 1\na: 2\nm: {y: 1, b: 2}\n").unwrap();
        assert_eq!(document.value.to_string(), r#"{"z":1,"a":2,"m":{"y":1,"b":2}}"#);
    }

    #[test]
    fn quoted_scalars_stay_text() {
        let document = parse("a.yaml", "v: \"2023-10-31\"\nk: {\"200\": yes}\n").unwrap();
        assert_eq!(document.value["v"], "2023-10-31");
        assert!(document.value["k"].get("200").is_some());
    }

    #[test]
    fn broken_text_names_file_and_cure() {
        for (name, text) in [("a.yaml", "a: [1,\n b"), ("a.json", "{\"a\":"), ("a.yaml", "- 1\n")] {
            let problem = parse(name, text).unwrap_err();
            assert_eq!(problem.file, Path::new(name));
            assert!(!problem.cure.is_empty());
        }
    }

    #[test]
    fn what_a_document_holds_cannot_move_the_cursor() {
        let problem = Problem::new("a.yaml", "/a\u{1b}[31m", "is\u{202e} wrong:\nso", "mend it");
        let shown = "a.yaml: /a\\u{1b}[31m: is\\u{202e} wrong:\nso\n  cure: mend it";
        assert_eq!(problem.to_string(), shown);
    }

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(join("/paths", "/a/{b}~"), "/paths/~1a~1{b}~0");
    }
}
