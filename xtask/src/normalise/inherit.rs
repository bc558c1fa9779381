//! Members that a component inherits (`allOf`) are written out in it.
//!
//! typify does that itself, but the rules after this one would not see them:
//! kinds must lose the member that tells them apart, patches must offer it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Lowering, Rule, put, take};
use crate::openapi::{list, members, schema_reference, texts};

pub const RULE: Rule = Rule { name: "inherited members written out", apply };

/// Bases of bases are followed this deep; deeper is a circle.
const DEEPEST: usize = 8;

/// The components that a component extends, directly.
pub fn bases(schema: &Value) -> impl Iterator<Item = &str> {
    list(schema, "allOf").iter().filter_map(schema_reference)
}

/// A component with all members it has: those of its bases first.
pub fn merged(root: &Value, schema: &Value) -> Value {
    merge(root, schema, 0)
}

fn merge(root: &Value, schema: &Value, depth: usize) -> Value {
    if schema.get("allOf").is_none() || depth > DEEPEST {
        return schema.clone();
    }
    let mut properties = Map::new();
    let mut required: Vec<String> = Vec::new();
    let bases = bases(schema).filter_map(|name| {
        let pointer = crate::document::join("/components/schemas", name);
        Some(merge(root, root.pointer(&pointer)?, depth + 1))
    });
    for part in bases.chain([schema.clone()]) {
        for (name, property) in members(&part, "properties") {
            properties.insert(name.to_owned(), property.clone());
        }
        for name in texts(&part, "required") {
            if !required.iter().any(|known| known == name) {
                required.push(name.to_owned());
            }
        }
    }
    let mut whole = schema.clone();
    take(&mut whole, "allOf");
    put(&mut whole, "type", json!("object"));
    if !required.is_empty() {
        put(&mut whole, "required", json!(required));
    }
    put(&mut whole, "properties", Value::Object(properties));
    whole
}

fn apply(lowering: &mut Lowering) -> usize {
    let components = lowering.root.get("components").unwrap_or(&Value::Null);
    let changed: BTreeMap<String, Value> = members(components, "schemas")
        .filter(|(_, schema)| schema.get("allOf").is_some())
        .map(|(name, schema)| (name.to_owned(), merged(&lowering.root, schema)))
        .collect();
    let count = changed.len();
    let schemas = lowering.root.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        for (name, schema) in changed {
            schemas.insert(name, schema);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_all_bases_come_first() {
        let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {
                "C": {"allOf": [refs("B"), refs("D")], "description": "c",
                      "required": ["c"], "properties": {"c": {"type": "string"}}},
                "B": {"allOf": [refs("A")], "type": "object",
                      "properties": {"b": {"type": "string"}}},
                "A": {"type": "object", "required": ["a"], "properties": {"a": {}}},
                "D": {"type": "object", "required": ["d", "a"], "properties": {"d": {}}},
            }}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let c = &lowering.root["components"]["schemas"]["C"];
        let names: Vec<_> = c["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["a", "b", "d", "c"]);
        assert_eq!(c["required"], json!(["a", "d", "c"]));
        assert_eq!((c.get("allOf"), &c["description"]), (None, &json!("c")));
    }

    #[test]
    fn circles_end() {
        let root = json!({"components": {"schemas": {
            "A": {"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"a": {}}},
        }}});
        let whole = merged(&root, &root["components"]["schemas"]["A"]);
        assert!(whole["properties"].get("a").is_some());
    }
}
