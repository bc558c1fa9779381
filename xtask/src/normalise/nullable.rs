//! Optional lists and maps become nullable.
//!
//! An optional text decodes from absent and from null; typify gives optional
//! lists and maps a default instead, which fails on null. Services do answer
//! null for an empty list.

use serde_json::{Value, json};

use super::{Lowering, Rule, put};
use crate::openapi::{flag, text, texts};

pub const RULE: Rule = Rule { name: "optional lists and maps nullable", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_schema(&mut |schema| {
        let required: Vec<String> =
            texts(schema, "required").into_iter().map(str::to_owned).collect();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return false;
        };
        for (name, property) in properties {
            let list = text(property, "type") == "array";
            let map = text(property, "type") == "object"
                && property.get("additionalProperties").is_some();
            if (list || map) && !required.contains(name) && !flag(property, "nullable") {
                put(property, "nullable", json!(true));
                count += 1;
            }
        }
        false
    });
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_lists_and_maps_take_null() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {
                "required": ["b"],
                "properties": {
                    "a": {"type": "array"}, "b": {"type": "array"},
                    "c": {"type": "object", "additionalProperties": {"type": "string"}},
                    "d": {"type": "string"},
                },
            }}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(properties["a"]["nullable"], true);
        assert_eq!(properties["b"].get("nullable"), None);
        assert_eq!(properties["c"]["nullable"], true);
        assert_eq!(properties["d"].get("nullable"), None);
    }
}
