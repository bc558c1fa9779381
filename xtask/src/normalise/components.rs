//! Schemas that nothing refers to any more are dropped, and the enums and
//! types that went with them.
//!
//! Most are error bodies, whose responses an earlier rule took away;
//! progenitor would make a type of each.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Lowering, Rule};
use crate::openapi::{schema_reference, walk_schema, walk_schemas};

pub const RULE: Rule = Rule { name: "unused schemas dropped", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let used = reachable(&lowering.root);
    let mut count = 0;
    let schemas = lowering.root.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(name));
        count = before - schemas.len();
    }
    super::enums::retain_used(lowering);
    count
}

/// The schemas that operations refer to, directly or through others.
fn reachable(root: &Value) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    walk_schemas(root, &mut |pointer, schema| {
        if !pointer.starts_with("/components/") {
            waiting.extend(schema_reference(schema).map(str::to_owned));
        }
    });
    closure(root, waiting)
}

/// The named schemas and all that they refer to.
pub fn closure(root: &Value, mut waiting: Vec<String>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let pointer = crate::document::join("/components/schemas", &name);
        if let Some(schema) = root.pointer(&pointer)
            && used.insert(name)
        {
            walk_schema("", schema, &mut |_, inner| {
                waiting.extend(schema_reference(inner).map(str::to_owned));
            });
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_operations_reach_stays() {
        let mut lowering = Lowering::new(
            json!({
                "paths": {"/a": {"get": {"responses": {"2XX": {"content": {"application/json":
                    {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
                "components": {"schemas": {
                    "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
                    "B": {"properties": {"a": {"$ref": "#/components/schemas/A"}}},
                    "C": {"properties": {"c": {"$ref": "#/components/schemas/C"}}},
                }},
            }),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        let schemas = lowering.root["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "B"]);
    }
}
