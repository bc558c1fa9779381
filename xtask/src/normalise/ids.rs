//! Texts marked with `x-id-type` become the client's validating id types.
//!
//! A plain text in a path can be empty, `.` or `..`, which no encoding can
//! carry: the request would reach another resource.

use serde_json::Value;

use super::{Lowering, Rule};

pub const RULE: Rule = Rule { name: "id types", apply };

/// Where the client crates keep their id types.
const MODULE: &str = "crate::ids";

/// The Rust path of an id type.
pub fn path(name: &str) -> String {
    format!("{MODULE}::{name}")
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut types = Vec::new();
    // The mark stands beside the schema of a parameter, or inside a schema.
    lowering.each_parameter(&mut |parameter| {
        let mark = parameter.get("x-id-type").and_then(Value::as_str).map(str::to_owned);
        if let (Some(mark), Some(schema)) = (mark, parameter.get_mut("schema")) {
            super::put(schema, "x-id-type", Value::String(mark));
        }
    });
    let count = lowering.each_schema(&mut |schema| {
        let Some(name) = schema.get("x-id-type").and_then(Value::as_str) else { return false };
        let path = path(name);
        super::replace(schema, &path);
        types.push(path);
        true
    });
    lowering.types.extend(types);
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marked_texts_become_id_types() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"get": {"parameters": [
                {"name": "id", "x-id-type": "TwinId", "schema": {"type": "string"}},
                {"name": "ids", "schema": {"type": "array", "items":
                    {"type": "string", "x-id-type": "ModelId"}}},
            ]}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let parameters = &lowering.root["paths"]["/a"]["get"]["parameters"];
        assert_eq!(
            parameters[0]["schema"],
            json!({"type": "string", "format": "crate::ids::TwinId"}),
        );
        assert_eq!(parameters[1]["schema"]["items"]["format"], "crate::ids::ModelId");
    }
}
