//! Values of which nothing is said become the runtime's `Json`.
//!
//! progenitor would decode them into `serde_json::Value`, which rounds large
//! numbers and makes the caller decode a second time.

use serde_json::Value;

use super::{Lowering, Rule};

pub const RULE: Rule = Rule { name: "values of any type", apply };

/// The runtime's type.
const TYPE: &str = "::progenitor_client::Json";

/// What says something about a value.
const SAYING: [&str; 8] = ["$ref", "type", "allOf", "oneOf", "anyOf", "not", "enum", "properties"];

/// Whether a schema says nothing about the value.
fn is_anything(schema: &Value) -> bool {
    schema.as_object().is_some_and(|schema| SAYING.iter().all(|key| !schema.contains_key(*key)))
}

fn apply(lowering: &mut Lowering) -> usize {
    lowering.replace_each(TYPE, &is_anything)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_says_nothing_becomes_raw_json() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "a": {"description": "d", "nullable": true}, "b": {"type": "string"},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            properties["a"],
            json!({"type": "string", "format": TYPE, "description": "d", "nullable": true}),
        );
        assert_eq!(properties["b"], json!({"type": "string"}));
    }
}
