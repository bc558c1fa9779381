//! What is sent back after it was read keeps the members that nobody declared.
//!
//! A document that says `x-keep-members: true` is of a platform that adds
//! members without a new version. Every component that a request body holds gets
//! a place for them; what only comes in answers does without, since nobody sends
//! it back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Lowering, Rule, closure, mentioned};
use crate::openapi::{flag, members, operations, walk_schema};

pub const RULE: Rule = Rule { name: "undeclared members kept", apply };

fn apply(lowering: &mut Lowering) -> usize {
    if !flag(&lowering.root, "x-keep-members") {
        return 0;
    }
    for name in sent(lowering) {
        let pointer = crate::document::join("/components/schemas", &name);
        let Some(schema) = lowering.root.pointer_mut(&pointer) else { continue };
        let has_members = members(schema, "properties").next().is_some();
        if !has_members || schema.get("additionalProperties").is_some() {
            continue;
        }
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("additionalProperties".to_owned(), json!({}));
            lowering.keeping.insert(name);
        }
    }
    lowering.keeping.len()
}

/// The components that request bodies hold.
fn sent(lowering: &Lowering) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    for operation in operations(&lowering.root) {
        let body = operation.value.get("requestBody").unwrap_or(&Value::Null);
        for (_, media) in members(body, "content") {
            let schema = media.get("schema").unwrap_or(&Value::Null);
            walk_schema("", schema, &mut |_, inner| {
                waiting.extend(mentioned(inner, &lowering.behind));
            });
        }
    }
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
                    "Sent": {"properties": {"part": refs("Part"), "map": refs("Map")}},
                    "Part": {"properties": {"name": text}},
                    "Map": {"properties": {"name": text}, "additionalProperties": text},
                }},
            }),
            "m",
        )
    }

    #[test]
    fn only_what_is_sent_keeps_what_it_does_not_know() {
        let mut lowering = document(true);
        assert_eq!(apply(&mut lowering), 2);
        let schemas = &lowering.root["components"]["schemas"];
        assert_eq!(schemas["Sent"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Part"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Map"]["additionalProperties"], json!({"type": "string"}));
        assert_eq!(schemas["Page"].get("additionalProperties"), None);
        assert!(lowering.keeping.contains("Sent") && !lowering.keeping.contains("Map"));
        assert_eq!(apply(&mut document(false)), 0);
    }
}
