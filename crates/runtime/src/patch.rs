//! JSON Patch documents (RFC 6902). It must not know any platform's rules: its
//! client crate adds to it.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Json};

/// A list of changes to a document, applied in order and all together or not
/// at all.
///
/// ```
/// use twinkit_runtime::JsonPatch;
///
/// let patch = JsonPatch::new()
///     .add("/temperature", 21.5)
///     .add_at(&["thermostat", "set/point"], 22)
///     .remove("/comment");
/// assert_eq!(
///     serde_json::to_string(&patch)?,
///     r#"[{"op":"add","path":"/temperature","value":21.5},"#.to_owned()
///         + r#"{"op":"add","path":"/thermostat/set~1point","value":22},"#
///         + r#"{"op":"remove","path":"/comment"}]"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// `add` sets a member whether it is there or not; `replace` and `remove` fail
/// on a member that is not there. Paths are JSON Pointers (RFC 6901); the
/// `_at` methods take them as single names and escape `~` and `/`. A mistake,
/// such as a path without its leading slash, makes the call fail before
/// anything is sent.
#[derive(Clone, Debug, Default)]
pub struct JsonPatch {
    changes: Vec<Change>,
    fault: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Change {
    op: Op,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Null is a value.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl Change {
    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<String> {
        let Self { op, path, from, value } = self;
        if let Some(odd) =
            [Some(path), from.as_ref()].into_iter().flatten().find(|p| !is_pointer(p))
        {
            return Some(format!(
                "{odd:?} is not a JSON Pointer: it starts with a slash, and ~ is written ~0"
            ));
        }
        match op {
            Op::Add | Op::Replace | Op::Test if value.is_none() => {
                Some(format!("what {path:?} is to hold is missing: `value`"))
            }
            Op::Move | Op::Copy if from.is_none() => {
                Some(format!("where {path:?} is to come from is missing: `from`"))
            }
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Add,
    Replace,
    Remove,
    Move,
    Copy,
    Test,
}

impl JsonPatch {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the member at `path`, whether it is there or not.
    #[must_use]
    pub fn add(self, path: &str, value: impl Serialize) -> Self {
        self.set(Op::Add, path.to_owned(), &value)
    }

    /// Sets the member at `path`, which must be there.
    #[must_use]
    pub fn replace(self, path: &str, value: impl Serialize) -> Self {
        self.set(Op::Replace, path.to_owned(), &value)
    }

    /// Takes the member at `path` away, which must be there.
    #[must_use]
    pub fn remove(self, path: &str) -> Self {
        self.push(Change { op: Op::Remove, path: path.to_owned(), from: None, value: None })
    }

    /// [`add`](Self::add) at the member that the names lead to.
    #[must_use]
    pub fn add_at(self, names: &[&str], value: impl Serialize) -> Self {
        self.set(Op::Add, pointer(names), &value)
    }

    /// [`replace`](Self::replace) at the member that the names lead to.
    #[must_use]
    pub fn replace_at(self, names: &[&str], value: impl Serialize) -> Self {
        self.set(Op::Replace, pointer(names), &value)
    }

    /// [`remove`](Self::remove) at the member that the names lead to.
    #[must_use]
    pub fn remove_at(self, names: &[&str]) -> Self {
        self.remove(&pointer(names))
    }

    /// How many changes it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn set(mut self, op: Op, path: String, value: &impl Serialize) -> Self {
        match Json::from_serialize(value) {
            Ok(value) => self.push(Change { op, path, from: None, value: Some(value) }),
            Err(error) => {
                let message = error.message().unwrap_or_default();
                self.fault.get_or_insert(format!("{path}: {message}"));
                self
            }
        }
    }

    fn push(mut self, change: Change) -> Self {
        if let Some(fault) = change.fault() {
            self.fault.get_or_insert(fault);
        }
        self.changes.push(change);
        self
    }
}

/// The JSON Pointer (RFC 6901) that leads to a member through these names.
fn pointer(names: &[&str]) -> String {
    let mut pointer = String::new();
    for name in names {
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

fn is_pointer(path: &str) -> bool {
    let starts = path.is_empty() || path.starts_with('/');
    starts && path.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// As an array of changes. Fails if one of them was built wrong.
impl Serialize for JsonPatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.fault {
            Some(fault) => Err(S::Error::custom(fault)),
            None => self.changes.serialize(serializer),
        }
    }
}

/// Reads a patch document; what cannot be a change is refused, by its index from 0.
impl<'de> Deserialize<'de> for JsonPatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Changes;
        impl<'de> Visitor<'de> for Changes {
            type Value = JsonPatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of changes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonPatch, A::Error> {
                let mut changes: Vec<Change> = Vec::new();
                let odd = |index: usize, reason: &dyn fmt::Display| {
                    A::Error::custom(format_args!("change {index}: {reason}"))
                };
                while let Some(change) =
                    seq.next_element::<Change>().map_err(|error| odd(changes.len(), &error))?
                {
                    if let Some(fault) = change.fault() {
                        return Err(odd(changes.len(), &fault));
                    }
                    changes.push(change);
                }
                Ok(JsonPatch { changes, fault: None })
            }
        }
        deserializer.deserialize_seq(Changes)
    }
}

/// Reads a patch document; what cannot be a change is refused, by its index from 0.
impl TryFrom<serde_json::Value> for JsonPatch {
    type Error = Error;

    fn try_from(document: serde_json::Value) -> Result<Self, Self::Error> {
        serde_json::from_value(document)
            .map_err(|e| Error::InvalidRequest(format!("not a JSON Patch document: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_are_escaped() {
        let patch = JsonPatch::new().replace_at(&["a/b", "m~n", ""], json!(null)).remove_at(&["x"]);
        assert_eq!(
            serde_json::to_value(&patch).unwrap(),
            json!([
                {"op": "replace", "path": "/a~1b/m~0n/", "value": null},
                {"op": "remove", "path": "/x"},
            ])
        );
        assert_eq!((patch.len(), patch.is_empty()), (2, false));
    }

    #[test]
    fn mistakes_show_before_sending() {
        for patch in [
            JsonPatch::new().add("temperature", 1),
            JsonPatch::new().remove("/a~b"),
            JsonPatch::new().add("/a", std::collections::BTreeMap::from([(vec![1], 1)])),
            JsonPatch::new().add("/a", f64::NAN),
        ] {
            let request = reqwest::Client::new().patch("http://h.example").json(&patch).build();
            let error = Error::<()>::from(request.unwrap_err());
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest);
            assert!(error.to_string().contains("/a") || error.to_string().contains("slash"));
        }
    }

    #[test]
    fn documents_are_read_back() {
        let document = json!([
            {"op": "add", "path": "/a", "value": null},
            {"op": "move", "path": "/a", "from": "/b"},
        ]);
        let patch = JsonPatch::try_from(document.clone()).unwrap();
        assert_eq!(patch.len(), 2);
        assert_eq!(serde_json::to_value(&patch).unwrap(), document);
        let read: JsonPatch = serde_json::from_str(&document.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), document);
        assert!(JsonPatch::try_from(json!({})).is_err());
    }

    #[test]
    fn documents_that_are_no_patches_are_refused_by_the_change() {
        for (change, reason) in [
            (json!({"op": "zap", "path": "/a"}), "change 1: unknown variant `zap`"),
            (json!({"op": "remove"}), "change 1: missing field `path`"),
            (json!({"op": "add", "path": "a", "value": 1}), "change 1: \"a\" is not a JSON"),
            (json!({"op": "test", "path": "/a~2", "value": 1}), "change 1: \"/a~2\" is not"),
            (json!({"op": "copy", "path": "/a", "from": "b"}), "change 1: \"b\" is not a JSON"),
            (json!({"op": "move", "path": "/a"}), "change 1: where \"/a\" is to come from"),
            (json!({"op": "add", "path": "/a"}), "change 1: what \"/a\" is to hold"),
            (json!("x"), "change 1: invalid type"),
        ] {
            let document = json!([{"op": "remove", "path": "/b"}, change]);
            let error = JsonPatch::try_from(document.clone()).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(reason), "{error}");
            assert!(serde_json::from_str::<JsonPatch>(&document.to_string()).is_err());
        }
    }
}
