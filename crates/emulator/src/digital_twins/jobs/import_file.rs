//! The input of an import job: JSON lines in sections.
//!
//! Sections come in the order Header, Models, Twins, Relationships; those that
//! are empty may be left out, the header may not.

use serde_json::Value;

/// A line of a section with its number, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) content: Value,
}

/// An import file, read whole.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ImportFile {
    pub(super) models: Vec<Line>,
    pub(super) twins: Vec<Line>,
    pub(super) relationships: Vec<Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Header,
    Models,
    Twins,
    Relationships,
}

/// The version of the form; there is one.
const FILE_VERSION: &str = "1.0.0";

/// Reads a file, or says what is wrong with it and where.
pub(super) fn read(bytes: &[u8]) -> Result<ImportFile, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the input is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut file = ImportFile::default();
    let mut section = None;
    let mut version = None;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let content: Value = serde_json::from_str(line)
            .map_err(|error| format!("line {number} is not JSON: {error}"))?;
        if let Some(name) = section_name(&content) {
            section = Some(next_section(section, name, number)?);
            continue;
        }
        let line = Line { number, content };
        match section {
            Some(Section::Header) => {
                version =
                    line.content.get("fileVersion").and_then(Value::as_str).map(str::to_owned);
            }
            Some(Section::Models) => file.models.push(line),
            Some(Section::Twins) => file.twins.push(line),
            Some(Section::Relationships) => file.relationships.push(line),
            None => return Err(format!("line {number} stands before the first section")),
        }
    }
    match version.as_deref() {
        Some(FILE_VERSION) => Ok(file),
        Some(other) => Err(format!("the fileVersion {other:?} is not supported")),
        None => Err("the Header section with its fileVersion is missing".into()),
    }
}

/// What a line names as the section that begins. A twin or relationship may
/// have a property of the same name.
fn section_name(line: &Value) -> Option<&Value> {
    line.get("Section").filter(|_| line.get("$dtId").is_none())
}

fn next_section(current: Option<Section>, name: &Value, number: usize) -> Result<Section, String> {
    let next = match name.as_str() {
        Some("Header") => Section::Header,
        Some("Models") => Section::Models,
        Some("Twins") => Section::Twins,
        Some("Relationships") => Section::Relationships,
        _ => return Err(format!("line {number} names an unknown section")),
    };
    let in_order = match current {
        None => next == Section::Header,
        Some(current) => next > current,
    };
    if in_order { Ok(next) } else { Err(format!("the section of line {number} is out of order")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "{\"Section\":\"Header\"}\n{\"fileVersion\":\"1.0.0\"}\n";

    #[test]
    fn lines_go_to_their_sections() {
        let text = format!(
            "\u{feff}{HEADER}\n{{\"Section\":\"Twins\"}}\r\n{{\"$dtId\":\"a\"}}\r\n\
             {{\"Section\":\"Relationships\"}}\n{{\"$dtId\":\"b\",\"Section\":\"x\"}}"
        );
        let file = read(text.as_bytes()).unwrap();
        assert_eq!(file.models, []);
        let twin = file.twins.first().unwrap();
        assert_eq!((twin.number, twin.content.get("$dtId").unwrap().as_str()), (5, Some("a")));
        assert_eq!(file.relationships.first().unwrap().number, 7);
    }

    #[test]
    fn bad_files_say_where() {
        let cases = [
            ("", "Header"),
            ("{\"a\":1}", "line 1 stands before"),
            ("{\"Section\":\"Twins\"}", "line 1 is out of order"),
            ("{\"Section\":\"Header\"}\n{\"fileVersion\":\"2\"}", "\"2\" is not supported"),
            ("{\"Section\":\"Header\"}\n{", "line 2 is not JSON"),
            ("{\"Section\":\"Nope\"}", "line 1 names an unknown"),
        ];
        for (text, expected) in cases {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert!(read(b"\xff").unwrap_err().contains("UTF-8"));
        let twice = format!("{HEADER}{{\"Section\":\"Twins\"}}\n{{\"Section\":\"Models\"}}");
        assert!(read(twice.as_bytes()).unwrap_err().contains("line 4 is out of order"));
    }
}
