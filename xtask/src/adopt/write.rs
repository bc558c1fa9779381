//! Writes values as YAML in the manner of our specs: blocks indented by two,
//! quotes only where they are needed.

use serde_json::Value;

/// Words that YAML readers take for something other than text.
const WORDS: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "~"];

/// A member as lines, its key at column `indent`.
pub fn member(key: &str, value: &Value, indent: usize) -> Vec<String> {
    let key = format!("{}{}:", " ".repeat(indent), scalar(key, false));
    match value {
        Value::Object(object) if !object.is_empty() => {
            let inside = object.iter().flat_map(|(key, value)| member(key, value, indent + 2));
            std::iter::once(key).chain(inside).collect()
        }
        Value::Array(list) if !list.is_empty() => {
            let inside = list.iter().flat_map(|value| item(value, indent + 2));
            std::iter::once(key).chain(inside).collect()
        }
        other => vec![format!("{key} {}", plain(other))],
    }
}

/// An element as lines, its dash at column `indent`.
pub fn item(value: &Value, indent: usize) -> Vec<String> {
    let mut lines = match value {
        Value::Object(object) if !object.is_empty() => {
            object.iter().flat_map(|(key, value)| member(key, value, indent + 2)).collect()
        }
        Value::Array(list) if !list.is_empty() => {
            list.iter().flat_map(|value| item(value, indent + 2)).collect()
        }
        other => vec![format!("{}{}", " ".repeat(indent + 2), plain(other))],
    };
    if let Some(first) = lines.first_mut() {
        *first = format!("{}- {}", " ".repeat(indent), first.trim_start());
    }
    lines
}

/// A value on one line.
pub fn flow(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let members: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key, true), flow(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(list) => {
            let items: Vec<_> = list.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => scalar(text, true),
        other => other.to_string(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text, false),
        other => flow(other),
    }
}

/// Text, quoted if it could be read as something else. Within brackets more
/// characters have a meaning.
pub fn scalar(text: &str, in_brackets: bool) -> String {
    let starts_well = text
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '_' | '/' | '$'));
    let inside = |letter: char| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '_' | '/' | '$' | '.' | '-' | '+')
            || (!in_brackets && matches!(letter, '{' | '}'))
    };
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if starts_well && text.chars().all(inside) && !is_word {
        text.to_owned()
    } else {
        // JSON's quoting is YAML's, too.
        Value::String(text.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_means_something_else_is_quoted() {
        for text in ["a", "$ref", "/a/{b}", "application/json-patch+json", "x-y_z"] {
            assert_eq!(scalar(text, false), text);
        }
        for text in
            ["", "200", "yes", "No", "#/a", "a: b", "a b", "-", "*", "é", "1e3", "2023-10-31"]
        {
            let quoted = scalar(text, false);
            assert_eq!(quoted, format!("{text:?}"));
            assert_eq!(serde_saphyr::from_str::<Value>(&quoted).unwrap(), Value::from(text));
        }
        assert_eq!(scalar("/a/{b}", true), "\"/a/{b}\"");
    }
}
