//! `date-time` texts become the runtime's `Timestamp`.
//!
//! progenitor would use `chrono`, which rounds seven fractional digits away
//! and forgets the offset; `Timestamp` keeps the text as it came.

use super::{Lowering, Rule};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "timestamps", apply };

/// The runtime's type.
const TYPE: &str = "::progenitor_client::Timestamp";

fn apply(lowering: &mut Lowering) -> usize {
    let count = lowering.each_schema(&mut |schema| {
        let found = text(schema, "type") == "string" && text(schema, "format") == "date-time";
        if found {
            super::replace(schema, TYPE);
        }
        found
    });
    if count > 0 {
        lowering.types.insert(TYPE.to_owned());
    }
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn date_times_become_timestamps() {
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "t": {"type": "string", "format": "date-time", "description": "d",
                      "nullable": true},
                "d": {"type": "string", "format": "date"},
            }}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            properties["t"],
            json!({"type": "string", "format": TYPE, "description": "d", "nullable": true}),
        );
        assert_eq!(properties["d"]["format"], "date");
    }
}
