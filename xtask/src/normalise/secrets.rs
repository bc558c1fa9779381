//! Texts with the format `password` become the runtime's `Secret`.
//!
//! As plain text they would stand in the `Debug` output of every type that
//! holds one.

use super::{Lowering, Rule};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "secrets", apply };

/// The runtime's type.
const TYPE: &str = "::progenitor_client::Secret";

fn apply(lowering: &mut Lowering) -> usize {
    lowering.replace_each(TYPE, &|schema| {
        text(schema, "type") == "string" && text(schema, "format") == "password"
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passwords_become_secrets() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "key": {"type": "string", "format": "password", "description": "d"},
                "name": {"type": "string"},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            properties["key"],
            json!({"type": "string", "format": TYPE, "description": "d"}),
        );
        assert_eq!(lowering.types.len(), 1);
    }
}
