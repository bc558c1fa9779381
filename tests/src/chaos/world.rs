//! What is on the platforms, in one form for what ought to be there and what is.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value, json};

/// Everything by an address that people can read.
pub(super) type World = BTreeMap<String, Value>;

/// Differences shown at most.
const SHOWN: usize = 10;

pub(super) fn model(id: &str) -> String {
    format!("model {id}")
}

pub(super) fn twin(id: &str) -> String {
    format!("twin {id}")
}

pub(super) fn relationship(source: &str, id: &str) -> String {
    format!("relationship {source} {id}")
}

pub(super) fn device(id: &str) -> String {
    format!("device {id}")
}

pub(super) fn file(name: &str) -> String {
    format!("file {name}")
}

/// What a caller wrote of a twin or a relationship: no etag, no time stamps.
pub(super) fn written(document: &Value) -> Value {
    let mut kept = Map::new();
    for (name, value) in document.as_object().into_iter().flatten() {
        match name.as_str() {
            "$etag" | "$dtId" | "$sourceId" | "$relationshipId" => {}
            "$metadata" => {
                kept.insert(name.clone(), json!({"$model": value["$model"]}));
            }
            _ => {
                kept.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(kept)
}

/// Size and hash of a file's contents.
pub(super) fn contents(bytes: &[u8]) -> Value {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    json!({"bytes": bytes.len(), "hash": hasher.finish()})
}

/// How the two differ, in words; nothing if they are the same.
pub(super) fn differences(expected: &World, found: &World) -> Vec<String> {
    let lacking = expected.iter().filter_map(|(address, value)| match found.get(address) {
        None => Some(format!("{address} is not there")),
        Some(other) if other != value => Some(format!("{address} is {other}, not {value}")),
        Some(_) => None,
    });
    let unknown = found.keys().filter(|address| !expected.contains_key(*address));
    let mut all: Vec<String> =
        lacking.chain(unknown.map(|address| format!("{address} ought not to be there"))).collect();
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_compared_exactly() {
        let world = |entries: &[(&str, Value)]| -> World {
            entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let expected = world(&[("a", json!(1)), ("b", json!(2))]);
        assert!(differences(&expected, &expected.clone()).is_empty());
        let found = world(&[("b", json!(2.5)), ("c", json!(3))]);
        let told = differences(&expected, &found);
        assert_eq!(told, ["a is not there", "b is 2.5, not 2", "c ought not to be there"]);
        let document = json!({"$dtId": "x", "$etag": "e", "t": 1.5,
            "$metadata": {"$model": "m", "t": {"lastUpdateTime": "now"}}});
        assert_eq!(written(&document), json!({"t": 1.5, "$metadata": {"$model": "m"}}));
    }
}
