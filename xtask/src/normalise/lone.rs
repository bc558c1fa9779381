//! A description beside one of our types (`allOf` with one entry) is merged
//! into the stand-in.
//!
//! typify looks at the schema as a whole, and would not know the stand-in
//! behind an `allOf`.

use serde_json::Value;

use super::{Lowering, Rule};
use crate::openapi::{list, text};

pub const RULE: Rule = Rule { name: "descriptions beside our types", apply };

fn apply(lowering: &mut Lowering) -> usize {
    let types = lowering.types.clone();
    lowering.each_schema(&mut |schema| unwrap(schema, &|path| types.contains(path)))
}

/// Replaces a schema whose only part is a stand-in for a type of ours.
pub fn unwrap(schema: &mut Value, ours: &dyn Fn(&str) -> bool) -> bool {
    let path = match list(schema, "allOf") {
        [only] => text(only, "format").to_owned(),
        _ => return false,
    };
    let found = ours(&path);
    if found {
        super::replace(schema, &path);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_stand_ins_are_unwrapped() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "a": {"description": "d", "allOf": [{"type": "string", "format": "crate::B"}]},
                "b": {"description": "d", "allOf": [{"$ref": "#/components/schemas/A"}]},
            }}}}}),
            "m",
        );
        lowering.types.insert("crate::B".to_owned());
        assert_eq!(apply(&mut lowering), 1);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            properties["a"],
            json!({"type": "string", "format": "crate::B", "description": "d"}),
        );
        assert!(properties["b"].get("allOf").is_some());
    }
}
