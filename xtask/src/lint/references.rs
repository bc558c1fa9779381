//! References lead somewhere in the same document, stand alone, and every
//! component is referred to.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Found;
use crate::document::join;
use crate::openapi::{entries, members, resolve};

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    let mut used = BTreeSet::new();
    walk(found, "", root, &mut used);
    let components = root.get("components").unwrap_or(&Value::Null);
    for (kind, all) in entries(components) {
        if kind == "securitySchemes" {
            continue;
        }
        for (name, _) in entries(all) {
            let pointer = join(&join("/components", kind), name);
            if !used.contains(&pointer) {
                found.add(
                    &pointer,
                    "nothing refers to this component",
                    "use it or remove it; a component that is not used says nothing true or false",
                );
            }
        }
    }
}

fn walk(found: &mut Found<'_>, pointer: &str, value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref") {
                check_reference(found, pointer, value, reference, used);
            }
            if let Some(name) = crate::normalise::representation(value) {
                used.insert(join("/components/schemas", name));
            }
            for (_, kind) in crate::normalise::mapping(value) {
                used.insert(join("/components/schemas", kind));
            }
            for (key, member) in members_to_walk(object) {
                walk(found, &join(pointer, key), member, used);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(found, &join(pointer, &index.to_string()), item, used);
            }
        }
        _ => {}
    }
}

/// Examples are data of the service; a `$ref` in them is none of ours.
fn members_to_walk(
    object: &serde_json::Map<String, Value>,
) -> impl Iterator<Item = (&str, &Value)> {
    object
        .iter()
        .filter(|(key, _)| *key != "example" && *key != "examples")
        .map(|(key, value)| (key.as_str(), value))
}

fn check_reference(
    found: &mut Found<'_>,
    pointer: &str,
    value: &Value,
    reference: &Value,
    used: &mut BTreeSet<String>,
) {
    let place = join(pointer, "$ref");
    let Some(text) = reference.as_str() else {
        found.add(&place, "the reference is not a text", "write `#/components/…` in quotes");
        return;
    };
    if value.as_object().is_some_and(|object| object.len() > 1) {
        found.add(
            pointer,
            "other members stand beside a `$ref`, where OpenAPI 3.0 ignores them",
            "put the reference into `allOf` with one entry, and the members beside that",
        );
    }
    let Some(target) = text.strip_prefix('#').filter(|target| target.starts_with("/components/"))
    else {
        found.add(
            &place,
            format!("the reference `{text}` leaves the components of this document"),
            "copy what it refers to into `components` and refer to that",
        );
        return;
    };
    if resolve(found.root, value).is_err() {
        found.add(
            &place,
            format!("the reference `{text}` leads nowhere, or in a circle"),
            "correct the name, or add the component",
        );
        return;
    }
    used.insert(target.to_owned());
}

/// The components of one kind by name, for other checks.
pub(super) fn components<'a>(
    root: &'a Value,
    kind: &'a str,
) -> impl Iterator<Item = (String, &'a Value)> {
    members(root.get("components").unwrap_or(&Value::Null), kind)
        .map(move |(name, value)| (join(&join("/components", kind), name), value))
}
