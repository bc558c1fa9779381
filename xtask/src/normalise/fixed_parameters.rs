//! Parameters that callers do not set leave the builders: those with one
//! value (`x-const`, such as `api-version`) and the trace context.
//!
//! progenitor would make each a setter, the required ones one that every
//! caller must remember. The runtime sends them instead: constants from the
//! operation table, `traceparent` and `tracestate` from tracing.

use serde_json::Value;

use super::{Lowering, Rule};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "parameters sent by the runtime", apply };

/// Header parameters that tracing fills.
const TRACE_CONTEXT: [&str; 2] = ["traceparent", "tracestate"];

/// Whether callers set this parameter themselves.
pub fn is_fixed(parameter: &Value) -> bool {
    parameter.get("x-const").is_some()
        || (text(parameter, "in") == "header" && TRACE_CONTEXT.contains(&text(parameter, "name")))
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            let before = parameters.len();
            parameters.retain(|parameter| !is_fixed(parameter));
            count += before - parameters.len();
        }
    });
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn constants_and_trace_context_leave() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"get": {"parameters": [
                {"name": "api-version", "in": "query", "x-const": "1"},
                {"name": "traceparent", "in": "header"},
                {"name": "tracestate", "in": "header"},
                {"name": "traceparent", "in": "query"},
            ]}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 3);
        assert_eq!(
            lowering.root["paths"]["/a"]["get"]["parameters"],
            json!([{"name": "traceparent", "in": "query"}]),
        );
    }
}
