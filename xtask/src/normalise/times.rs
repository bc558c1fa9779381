//! `date-time` texts become the runtime's `Timestamp`, `date` texts stay text.
//!
//! progenitor would use `chrono` for both, which rounds seven fractional digits
//! away and forgets the offset; `Timestamp` keeps the text as it came. A day has
//! nothing to lose, and needs no library.

use super::{Lowering, Rule, take};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "timestamps", apply };

/// The runtime's type.
const TYPE: &str = "::progenitor_client::Timestamp";

fn apply(lowering: &mut Lowering) -> usize {
    let mut times = 0;
    let count =
        lowering.each_schema(&mut |schema| match (text(schema, "type"), text(schema, "format")) {
            ("string", "date-time") => {
                super::replace(schema, TYPE);
                times += 1;
                true
            }
            ("string", "date") => take(schema, "format"),
            _ => false,
        });
    if times > 0 {
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
        assert_eq!(apply(&mut lowering), 2);
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            properties["t"],
            json!({"type": "string", "format": TYPE, "description": "d", "nullable": true}),
        );
        assert_eq!(properties["d"], json!({"type": "string"}));
    }
}
