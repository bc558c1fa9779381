//! Parameters, bodies and responses that are shared as components are copied
//! into the operations that use them, and parameters of a path into its
//! operations.
//!
//! progenitor follows such references itself; the later rules change what
//! they find per operation, and must not change it for another.

use serde_json::{Value, json};

use super::{Lowering, Rule, put};
use crate::openapi::{METHODS, resolve};

pub const RULE: Rule = Rule { name: "shared parts copied into operations", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let original = lowering.root.clone();
    let mut count = 0;
    for item in super::object_values(lowering.root.get_mut("paths")) {
        let shared = item.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        super::take(item, "parameters");
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let own = operation.get("parameters").and_then(Value::as_array).cloned();
            let mut parameters: Vec<Value> =
                shared.iter().cloned().chain(own.unwrap_or_default()).collect();
            for parameter in &mut parameters {
                count += follow(&original, parameter);
            }
            put(operation, "parameters", Value::Array(parameters));
            if let Some(body) = operation.get_mut("requestBody") {
                count += follow(&original, body);
            }
            for response in super::object_values(operation.get_mut("responses")) {
                count += follow(&original, response);
            }
        }
    }
    if let Some(components) = lowering.root.get_mut("components") {
        let schemas = components.get("schemas").cloned().unwrap_or_else(|| json!({}));
        *components = json!({ "schemas": schemas });
    }
    count
}

fn follow(root: &Value, value: &mut Value) -> usize {
    let target = match resolve(root, value) {
        Ok(target) if value.get("$ref").is_some() => target.clone(),
        _ => return 0,
    };
    *value = target;
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_parts_are_copied() {
        let mut lowering = Lowering::new(
            json!({
                "paths": {"/a": {
                    "parameters": [{"$ref": "#/components/parameters/P"}],
                    "get": {"requestBody": {"$ref": "#/components/requestBodies/B"},
                            "responses": {"200": {"$ref": "#/components/responses/R"}}},
                }},
                "components": {
                    "parameters": {"P": {"name": "p"}},
                    "requestBodies": {"B": {"required": true}},
                    "responses": {"R": {"description": "r"}},
                    "schemas": {"S": {}},
                },
            }),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        assert_eq!(
            lowering.root,
            json!({
                "paths": {"/a": {"get": {
                    "requestBody": {"required": true},
                    "responses": {"200": {"description": "r"}},
                    "parameters": [{"name": "p"}],
                }}},
                "components": {"schemas": {"S": {}}},
            }),
        );
    }
}
