//! Schemas that nothing refers to any more are dropped, and the enums and
//! types that went with them.
//!
//! Most are error bodies, whose responses an earlier rule took away;
//! progenitor would make a type of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Lowering, Rule, mapping};
use crate::openapi::{schema_reference, text, walk_schema, walk_schemas};

pub const RULE: Rule = Rule { name: "unused schemas dropped", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let used = reachable(lowering);
    let mut count = 0;
    let schemas = lowering.root.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(name));
        count = before - schemas.len();
    }
    super::enums::retain_used(lowering);
    let types = lowering.types.clone();
    let module = lowering.module.clone();
    lowering.kinds.retain(|kinds| types.contains(&format!("{module}::kinds::{}", kinds.name)));
    count
}

/// The schemas that operations refer to, directly or through others.
fn reachable(lowering: &Lowering) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    walk_schemas(&lowering.root, &mut |pointer, schema| {
        if !pointer.starts_with("/components/") {
            waiting.extend(named(schema, &lowering.behind));
        }
    });
    // Patches inside patches are no schemas any more.
    for patch in &lowering.patches {
        for (_, member) in &patch.members {
            waiting.extend(mentioned(member, &lowering.behind));
        }
    }
    waiting.extend(lowering.representations.values().cloned());
    closure(&lowering.root, &lowering.behind, waiting)
}

/// The named schemas and all that they refer to, also by way of the types that
/// stand in for others (`behind`).
pub fn closure(
    root: &Value,
    behind: &BTreeMap<String, Vec<String>>,
    mut waiting: Vec<String>,
) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let pointer = crate::document::join("/components/schemas", &name);
        if let Some(schema) = root.pointer(&pointer)
            && used.insert(name)
        {
            waiting.extend(mentioned(schema, behind));
        }
    }
    used
}

/// The schemas that a schema, and those inside it, name.
pub fn mentioned(schema: &Value, behind: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    walk_schema("", schema, &mut |_, inner| found.extend(named(inner, behind)));
    found
}

/// The schemas that one schema names: by reference, as its kinds, or by the
/// type that stands in for them.
pub fn named(schema: &Value, behind: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let kinds = mapping(schema).into_iter().map(|(_, name)| name);
    let stood_for = behind.get(text(schema, "format")).into_iter().flatten().map(String::as_str);
    schema_reference(schema).into_iter().chain(kinds).chain(stood_for).map(str::to_owned).collect()
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
