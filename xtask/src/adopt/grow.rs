//! A YAML text that can only grow: members and items are put in as text, and
//! every byte that was there stays where it was.

use std::ops::Range;

use serde_json::Value;

use super::tree::{Inside, Place};
use super::write;

/// One addition.
#[derive(Debug, Clone)]
pub enum Edit {
    /// A new member of the object at the pointer.
    Member {
        /// JSON pointer of the object.
        at: String,
        /// The member's name.
        key: String,
        /// Its value.
        value: Value,
        /// A remark for the line above it.
        remark: Option<&'static str>,
    },
    /// A new last element of the list at the pointer.
    Item {
        /// JSON pointer of the list.
        at: String,
        /// The element.
        value: Value,
    },
}

impl Edit {
    /// A member without a remark.
    pub fn member(at: impl Into<String>, key: impl Into<String>, value: Value) -> Self {
        Self::Member { at: at.into(), key: key.into(), value, remark: None }
    }

    /// An element.
    pub fn item(at: impl Into<String>, value: Value) -> Self {
        Self::Item { at: at.into(), value }
    }
}

/// A text and what was put into it.
#[derive(Debug, Clone)]
pub struct Growing {
    text: String,
    inserted: Vec<Range<usize>>,
}

impl Growing {
    /// Starts from the text as it is.
    pub fn new(text: String) -> Self {
        Self { text, inserted: Vec::new() }
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with everything inserted taken out again: the old text, byte for byte.
    pub fn original(&self) -> String {
        let mut original = String::new();
        let mut from = 0;
        for range in &self.inserted {
            original.push_str(self.text.get(from..range.start).unwrap_or_default());
            from = range.end;
        }
        original.push_str(self.text.get(from..).unwrap_or_default());
        original
    }

    /// Puts one addition in, or says why it cannot be.
    pub fn apply(&mut self, edit: &Edit) -> Result<(), String> {
        let tree = Place::parse(&self.text)?;
        let (Edit::Member { at, .. } | Edit::Item { at, .. }) = edit;
        let place = tree.at(at).ok_or_else(|| format!("there is no {at} in the text"))?;
        let (offset, insertion) = match (edit, &place.inside) {
            (Edit::Member { key, value, .. }, Inside::Members(members, true)) => {
                let text = format!("{}: {}", write::scalar(key, true), write::flow(value));
                in_brackets(place.start, members.last().map(|(.., place)| place.end), &text)
            }
            (Edit::Item { value, .. }, Inside::Items(items, true)) => {
                let last = items.last().map(|place| place.end);
                in_brackets(place.start, last, &write::flow(value))
            }
            (Edit::Member { key, value, remark, .. }, Inside::Members(members, false)) => {
                let [.., (_, last_key, _)] = members.as_slice() else {
                    return Err(format!("{at} has no members to add to"));
                };
                let indent = self.column(*last_key);
                let mut lines = write::member(key, value, indent);
                if let Some(remark) = remark {
                    lines.insert(0, format!("{}# {remark}", " ".repeat(indent)));
                }
                if self.is_spaced(members) {
                    lines.insert(0, String::new());
                }
                self.after_line(place.end, &lines)
            }
            (Edit::Item { value, .. }, Inside::Items(items, false)) => {
                let first = items.first().ok_or_else(|| format!("{at} has no elements"))?;
                let before = self.text.get(..first.start).unwrap_or_default();
                let dash = before.rfind('-').ok_or_else(|| format!("{at} has no dashes"))?;
                self.after_line(place.end, &write::item(value, self.column(dash)))
            }
            _ => return Err(format!("nothing can be added to {at} as it is written")),
        };
        self.insert(offset, &insertion);
        Ok(())
    }

    /// Whether members are set apart by blank lines.
    fn is_spaced(&self, members: &[(String, usize, Place)]) -> bool {
        let [.., (_, _, before), (_, last, _)] = members else { return false };
        let between = self.text.get(before.end..*last).unwrap_or_default();
        between.lines().skip(1).any(|line| line.trim().is_empty() && !line.ends_with(' '))
            && between.matches('\n').count() > 1
    }

    /// How far a byte is from the start of its line; indentation is ASCII.
    fn column(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// Lines to follow the line that `offset` is in, remark and all.
    fn after_line(&self, offset: usize, lines: &[String]) -> (usize, String) {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let rest = self.text.get(offset..).unwrap_or_default();
        let end = rest.find(newline).map_or(self.text.len(), |at| offset + at);
        let mut text = String::new();
        for line in lines {
            text.push_str(newline);
            text.push_str(line);
        }
        (end, text)
    }

    fn insert(&mut self, offset: usize, insertion: &str) {
        self.text.insert_str(offset, insertion);
        for range in &mut self.inserted {
            if range.start >= offset {
                range.start += insertion.len();
                range.end += insertion.len();
            } else if range.end > offset {
                range.end += insertion.len();
            }
        }
        let inside = self.inserted.iter().any(|range| range.start < offset && offset < range.end);
        if !inside {
            let at = self.inserted.partition_point(|range| range.start < offset);
            self.inserted.insert(at, offset..offset + insertion.len());
        }
    }
}

/// Behind the last element, or right behind the opening bracket.
fn in_brackets(start: usize, last: Option<usize>, text: &str) -> (usize, String) {
    match last {
        Some(end) => (end, format!(", {text}")),
        None => (start + 1, text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grown(text: &str, edits: &[Edit]) -> String {
        let mut growing = Growing::new(text.to_owned());
        for edit in edits {
            growing.apply(edit).unwrap();
        }
        assert_eq!(growing.original(), text);
        growing.text
    }

    #[test]
    fn members_follow_the_last_line_and_its_remark() {
        let text = "a:\n  b: 1 # one\n  # two\nc: 3\n";
        let edits = [
            Edit::member("/a", "d", json!({"e": ["x"], "f": ""})),
            Edit::member("/a/d", "g", json!(true)),
            Edit::member("", "200", json!("#x")),
        ];
        assert_eq!(
            grown(text, &edits),
            "a:\n  b: 1 # one\n  d:\n    e:\n      - x\n    f: \"\"\n    g: true\n  # two\nc: 3\n\"200\": \"#x\"\n"
        );
    }

    #[test]
    fn items_take_the_dashes_column() {
        let text = "a:\n- b: 1\n  c: 2\nd:\n    - x # y";
        let edits = [
            Edit::item("/a", json!({"b": 2, "c": [1]})),
            Edit::item("/d", json!("z")),
            Edit::member("/a/0", "k", json!("v")),
        ];
        assert_eq!(
            grown(text, &edits),
            "a:\n- b: 1\n  c: 2\n  k: v\n- b: 2\n  c:\n    - 1\nd:\n    - x # y\n    - z"
        );
    }

    #[test]
    fn brackets_grow_inside() {
        let text = "a: {b: [1, 2 ], c: {}, d: [] } # e\n";
        let edits = [
            Edit::item("/a/b", json!("yes")),
            Edit::member("/a/c", "x", json!({"w": [null]})),
            Edit::item("/a/d", json!({"$ref": "#/z"})),
            Edit::member("/a", "e", json!("é, f")),
        ];
        assert_eq!(
            grown(text, &edits),
            "a: {b: [1, 2, \"yes\" ], c: {x: {w: [null]}}, d: [{$ref: \"#/z\"}], e: \"é, f\" } # e\n"
        );
    }

    #[test]
    fn blank_lines_and_line_ends_are_kept_up() {
        let text = "a:\r\n  b: 1\r\n\r\n  c: 2\r\nd: |\r\n  text\r\n\r\n  # text\r\n\r\n";
        let edits = [Edit::member("/a", "e", json!(3)), Edit::member("", "f", json!(4))];
        assert_eq!(
            grown(text, &edits),
            "a:\r\n  b: 1\r\n\r\n  c: 2\r\n\r\n  e: 3\r\nd: |\r\n  text\r\n\r\n  # text\r\nf: 4\r\n\r\n"
        );
    }

    #[test]
    fn nothing_is_added_where_nothing_fits() {
        let mut growing = Growing::new("a: 1\nb:\n".to_owned());
        assert!(growing.apply(&Edit::member("/a", "x", json!(1))).is_err());
        assert!(growing.apply(&Edit::item("/b", json!(1))).is_err());
        assert!(growing.apply(&Edit::item("/c", json!(1))).is_err());
        assert_eq!(growing.text(), "a: 1\nb:\n");
    }
}
