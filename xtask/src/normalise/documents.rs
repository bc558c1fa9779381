//! Open documents become the runtime's `Json`: raw text, decoded once, into
//! the caller's own type.
//!
//! Two kinds: an object of which nothing is declared but that it may hold
//! anything, and one marked `x-document`, whose declared members are there for
//! readers. progenitor would decode both into maps first, and silently drops
//! undeclared members of objects that declare some.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Lowering, Rule};
use crate::openapi::{flag, schema_reference, text};

pub const RULE: Rule = Rule { name: "open documents", apply };

/// The runtime's type.
const TYPE: &str = "::progenitor_client::Json";

/// Whether a schema is an open document.
pub fn is_document(schema: &Value) -> bool {
    if flag(schema, "x-document") {
        return true;
    }
    let open = match schema.get("additionalProperties") {
        Some(Value::Bool(open)) => *open,
        Some(Value::Object(inner)) => inner.is_empty(),
        _ => false,
    };
    text(schema, "type") == "object" && open && schema.get("properties").is_none()
}

fn apply(lowering: &mut Lowering) -> usize {
    let named: BTreeSet<String> =
        crate::openapi::members(lowering.root.get("components").unwrap_or(&Value::Null), "schemas")
            .filter(|(_, schema)| is_document(schema))
            .map(|(name, _)| name.to_owned())
            .collect();
    lowering.replace_each(TYPE, &|schema| {
        let refers = schema_reference(schema).is_some_and(|name| named.contains(name));
        refers || is_document(schema)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn open_objects_become_raw_json() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {
                "Twin": {"type": "object", "x-document": true, "additionalProperties": true,
                         "properties": {"id": {"type": "string"}}},
                "Page": {"type": "object", "properties": {
                    "rows": {"type": "array", "items":
                        {"type": "object", "additionalProperties": {}}},
                    "twin": {"$ref": "#/components/schemas/Twin"},
                    "map": {"type": "object", "additionalProperties": {"type": "string"}},
                }},
            }}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        let schemas = &lowering.root["components"]["schemas"];
        let json = json!({"type": "string", "format": TYPE});
        assert_eq!(schemas["Page"]["properties"]["rows"]["items"], json);
        assert_eq!(schemas["Page"]["properties"]["twin"], json);
        assert_eq!(schemas["Page"]["properties"]["map"]["type"], "object");
        assert_eq!(schemas["Twin"], json);
    }
}
