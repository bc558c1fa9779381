//! Lengths, ranges, patterns, defaults and examples leave the schemas.
//!
//! typify makes types of its own of limits (a text with a length becomes a
//! new type, a list of unique items a set), fills defaults in where the
//! service would choose, and fails on a default that is null on the wire. The
//! service checks its limits itself, and says more when it refuses.

use super::{Lowering, Rule, take};
use crate::openapi::LIMITS;

pub const RULE: Rule = Rule { name: "limits and defaults left to the service", apply };

/// Leave together with the limits.
const KEYS: [&str; 4] = ["default", "example", "examples", "title"];

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_schema(&mut |schema| {
        let removed = LIMITS.iter().chain(&KEYS).filter(|key| take(schema, key)).count();
        count += removed;
        removed > 0
    });
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_leave() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "a": {"type": "string", "minLength": 1, "pattern": "["},
                "default": {"type": "boolean", "default": false},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        assert_eq!(
            lowering.root["components"]["schemas"]["A"]["properties"],
            json!({"a": {"type": "string"}, "default": {"type": "boolean"}}),
        );
    }
}
