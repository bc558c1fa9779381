//! What is sent back after it was read keeps the members that nobody declared.
//!
//! A document that says `x-keep-members: true` is of a platform that adds
//! members without a new version. Every component that answers as well as request
//! bodies hold gets a place for them, also what is read-only within: who changes
//! one member sends the whole back. What goes one way only does without.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Lowering, Rule, closure, named};
use crate::openapi::{flag, members, walk_schemas};

pub const RULE: Rule = Rule { name: "undeclared members kept", apply };

fn apply(lowering: &mut Lowering) -> usize {
    if !flag(&lowering.root, "x-keep-members") {
        return 0;
    }
    let sent = held(lowering, "requestBody");
    for name in held(lowering, "responses").intersection(&sent) {
        let pointer = crate::document::join("/components/schemas", name);
        let Some(schema) = lowering.root.pointer_mut(&pointer) else { continue };
        let has_members = members(schema, "properties").next().is_some();
        if !has_members || schema.get("additionalProperties").is_some() {
            continue;
        }
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("additionalProperties".to_owned(), json!({}));
            lowering.keeping.insert(name.clone());
        }
    }
    lowering.keeping.len()
}

/// The components that this part of operations holds.
fn held(lowering: &Lowering, part: &str) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    walk_schemas(&lowering.root, &mut |pointer, schema| {
        if pointer.starts_with("/paths/") && pointer.contains(&format!("/{part}/")) {
            waiting.extend(named(schema, &lowering.behind));
        }
    });
    closure(&lowering.root, &lowering.behind, waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(keep: bool) -> Lowering {
        let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let content = |name: &str| json!({"content": {"application/json": {"schema": refs(name)}}});
        let text = json!({"type": "string"});
        Lowering::new(
            json!({
                "x-keep-members": keep,
                "paths": {"/a": {"put": {
                    "requestBody": content("Sent"), "responses": {"200": content("Page")},
                }}},
                "components": {"schemas": {
                    "Page": {"properties": {"value": {"type": "array", "items": refs("Sent")}}},
                    "Sent": {"properties": {"part": refs("Part"), "map": refs("Map"),
                        "told": {"readOnly": true, "allOf": [refs("Told")]}}},
                    "Told": {"properties": {"name": text}},
                    "Part": {"properties": {"name": text}},
                    "Map": {"properties": {"name": text}, "additionalProperties": text},
                }},
            }),
            "m",
        )
    }

    #[test]
    fn only_what_goes_both_ways_keeps_what_it_does_not_know() {
        let mut lowering = document(true);
        assert_eq!(apply(&mut lowering), 3);
        let schemas = &lowering.root["components"]["schemas"];
        assert_eq!(schemas["Sent"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Part"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Told"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Map"]["additionalProperties"], json!({"type": "string"}));
        assert_eq!(schemas["Page"].get("additionalProperties"), None);
        assert!(lowering.keeping.contains("Sent") && !lowering.keeping.contains("Map"));
        assert_eq!(apply(&mut document(false)), 0);
    }
}
