//! The larger answer of an operation whose answer the caller can choose
//! (`x-representation`) is noted, and its `Prefer` header gets the runtime's type.
//!
//! progenitor knows one answer per operation. The emitter makes the builder's
//! type say which one comes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Lowering, Rule, list_values, put};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "answers to choose from", apply };

/// The runtime's type of the header.
const TYPE: &str = "::progenitor_client::Prefer";

/// The header.
pub const HEADER: &str = "Prefer";

/// The component that an operation answers with on demand.
pub fn representation(operation: &Value) -> Option<&str> {
    operation.get("x-representation")?.as_str()?.strip_prefix("#/components/schemas/")
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut found = BTreeMap::new();
    lowering.each_operation(&mut |operation| {
        let Some(name) = representation(operation).map(str::to_owned) else { return };
        found.insert(text(operation, "operationId").to_owned(), name);
        for parameter in list_values(operation.get_mut("parameters")) {
            if text(parameter, "name") == HEADER {
                put(parameter, "schema", json!({"type": "string", "format": TYPE}));
            }
        }
    });
    let count = found.len();
    if count > 0 {
        lowering.types.insert(TYPE.to_owned());
    }
    lowering.representations = found;
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_answer_is_noted_and_the_header_typed() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {
                "get": {"operationId": "get_a", "x-representation": "#/components/schemas/A",
                        "parameters": [{"name": "Prefer"}, {"name": "other"}]},
                "put": {"operationId": "put_a", "parameters": [{"name": "Prefer"}]},
            }}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        assert_eq!(lowering.representations["get_a"], "A");
        let item = &lowering.root["paths"]["/a"];
        assert_eq!(item["get"]["parameters"][0]["schema"]["format"], TYPE);
        assert_eq!(item["get"]["parameters"][1], json!({"name": "other"}));
        assert_eq!(item["put"]["parameters"][0], json!({"name": "Prefer"}));
    }
}
