//! Documents as text: their lines, and changes to single members that leave
//! everything else letter by letter. It must not know where they come from.

use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Json};

/// The members of an object in their order, each value as it came.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Members(Vec<(String, Json)>);

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A member, if it is there and of that form.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.read(name)
    }

    /// Sets a member, in its place if it is there.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, there)) => *there = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Keeps the members that are named, and gives the names of the others.
    pub(super) fn keep(&mut self, names: &[&str]) -> Vec<String> {
        let (kept, others) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(name, _)| names.contains(&name.as_str()));
        self.0 = kept;
        let others: Vec<(String, Json)> = others;
        others.into_iter().map(|(name, _)| name).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn to_json(&self) -> Result<Json, Error> {
        Json::from_serialize(self)
    }
}

/// The names only: values may be keys.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// A text as JSON.
pub(super) fn text(text: &str) -> Json {
    Json::from(serde_json::Value::from(text))
}

/// The document with what stands at `path` changed, if anything does. `None`
/// takes it away.
pub(super) fn change(
    document: &Json,
    path: &[&str],
    to: &dyn Fn(&Json) -> Option<Json>,
) -> Result<Json, Error> {
    let Some((name, rest)) = path.split_first() else { return Ok(document.clone()) };
    // What is no object has no such member.
    let Ok(mut members) = document.parse::<Members>() else { return Ok(document.clone()) };
    let Some(value) = members.get(name) else { return Ok(document.clone()) };
    let changed = if rest.is_empty() { to(value) } else { Some(change(value, rest, to)?) };
    match changed {
        Some(value) => members.set(name, value),
        None => members.remove(name),
    }
    members.to_json()
}

/// Adds a document as one line: the white space between its tokens is left
/// out, nothing else.
pub(super) fn push_line(lines: &mut String, document: &Json) {
    let (mut in_text, mut escaped) = (false, false);
    for character in document.get().chars() {
        if in_text {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_text = false,
                _ => {}
            }
        } else if matches!(character, ' ' | '\n' | '\r' | '\t') {
            continue;
        } else if character == '"' {
            in_text = true;
        }
        lines.push(character);
    }
    lines.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::from_text(text).unwrap()
    }

    #[test]
    fn a_line_keeps_everything_but_white_space() {
        let mut lines = String::new();
        push_line(
            &mut lines,
            &json("{\n \"b\" : 1.50,\t\"a \\\" \\\\\" : [ 1e400, \"\\n x\" ]\r\n}"),
        );
        assert_eq!(lines, "{\"b\":1.50,\"a \\\" \\\\\":[1e400,\"\\n x\"]}\n");
    }

    #[test]
    fn members_are_changed_in_place_and_the_rest_is_kept() {
        let document = json(r#"{"z":1.0,"a":{"key":"s","n":12345678901234567890123},"b":null}"#);
        let gone = change(&document, &["a", "key"], &|_| None).unwrap();
        assert_eq!(gone.get(), r#"{"z":1.0,"a":{"n":12345678901234567890123},"b":null}"#);
        let other = change(&document, &["z"], &|_| Some(text("y"))).unwrap();
        assert!(other.get().starts_with(r#"{"z":"y","a""#));
        for path in [&["a", "none"][..], &["z", "key"], &["none"], &[]] {
            assert_eq!(change(&document, path, &|_| None).unwrap(), document);
        }
        assert_eq!(change(&json("[1]"), &["a"], &|_| None).unwrap(), json("[1]"));
    }

    #[test]
    fn members_that_are_not_kept_are_told() {
        let mut members: Members = json(r#"{"a":1,"etag":"x","b":2}"#).parse().unwrap();
        assert_eq!(members.keep(&["b", "a"]), ["etag"]);
        members.set("c", text("d"));
        assert_eq!(members.to_json().unwrap().get(), r#"{"a":1,"b":2,"c":"d"}"#);
    }
}
