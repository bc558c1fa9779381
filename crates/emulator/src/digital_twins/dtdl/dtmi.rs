//! Digital twin model identifiers.

use super::Language;

/// Longest id of an interface, both versions.
const INTERFACE_ID_CHARS: usize = 128;
/// Longest id of any other element.
const ELEMENT_ID_CHARS: usize = 2048;

/// Whether `text` can name a model in either version of the language.
#[must_use]
pub(crate) fn is_dtmi(text: &str) -> bool {
    is_interface_id(text, Language::V3)
}

/// Whether `text` can be the id of an interface in `language`.
pub(super) fn is_interface_id(text: &str, language: Language) -> bool {
    text.len() <= INTERFACE_ID_CHARS && is_id(text, language)
}

/// Whether `text` can be the id of a schema or another element in `language`.
pub(super) fn is_element_id(text: &str, language: Language) -> bool {
    text.len() <= ELEMENT_ID_CHARS && is_id(text, language)
}

fn is_id(text: &str, language: Language) -> bool {
    let Some(rest) = text.strip_prefix("dtmi:") else { return false };
    match rest.split_once(';') {
        Some((path, version)) => is_path(path) && is_version(version, language),
        // Version 3 lets the version be left out.
        None => language == Language::V3 && is_path(rest),
    }
}

fn is_path(path: &str) -> bool {
    path.split(':').all(is_segment)
}

/// A letter, then letters, digits and underscores, not ending in one. Segments
/// that begin with an underscore belong to the language itself.
fn is_segment(segment: &str) -> bool {
    segment.starts_with(|first: char| first.is_ascii_alphabetic())
        && segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !segment.ends_with('_')
}

fn is_version(version: &str, language: Language) -> bool {
    match version.split_once('.') {
        None => is_number(version, 9),
        // Two parts since version 3; the second may be zero.
        Some((major, minor)) => {
            language == Language::V3 && is_number(major, 9) && (minor == "0" || is_number(minor, 6))
        }
    }
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() <= digits
        && text.starts_with(|first: char| matches!(first, '1'..='9'))
        && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_grammar_of_each_version() {
        for id in ["dtmi:a;1", "dtmi:com:example:Room_2;999999999", "dtmi:a:b_c1:D;12"] {
            assert!(is_interface_id(id, Language::V2), "{id}");
            assert!(is_interface_id(id, Language::V3), "{id}");
        }
        for id in ["dtmi:a:b", "dtmi:a:b;1.2", "dtmi:a:b;1.0"] {
            assert!(!is_interface_id(id, Language::V2), "{id}");
            assert!(is_interface_id(id, Language::V3), "{id}");
        }
    }

    #[test]
    fn refuses_what_the_grammar_has_not() {
        for id in [
            "",
            "dtmi:",
            "dtmi:;1",
            "dtmi:a;0",
            "dtmi:a;01",
            "dtmi:a;1234567890",
            "dtmi:a_;1",
            "dtmi:_a;1",
            "dtmi:1a;1",
            "dtmi:a::b;1",
            "dtmi:a b;1",
            "urn:a;1",
            "dtmi:a;1;2",
            "dtmi:a;1.",
            "dtmi:é;1",
            "dtmi:a;x",
            "DTMI:a;1",
        ] {
            assert!(!is_dtmi(id), "{id}");
        }
        let long = format!("dtmi:{};1", "a".repeat(130));
        assert!(!is_dtmi(&long));
        assert!(is_element_id(&long, Language::V2));
    }
}
