//! Header parameters that HTTP or the platform gives a meaning get the
//! runtime's types: conditions and message ids.
//!
//! As plain text a condition can be any text, weak marks get lost, and a
//! message id is either forgotten or made anew for each attempt. A message id
//! also stops being required: the emitted `send` makes one, once per call.

use serde_json::{Value, json};

use super::{Lowering, Rule, put};
use crate::openapi::text;

pub const RULE: Rule = Rule { name: "typed header parameters", apply };

/// Header name (lower case) and the runtime's type.
const TYPES: [(&str, &str); 3] = [
    ("if-match", "::progenitor_client::IfMatch"),
    ("if-none-match", "::progenitor_client::IfNoneMatch"),
    ("message-id", MESSAGE_ID),
];

/// The type of a message id; the emitter makes one where none was set.
pub const MESSAGE_ID: &str = "::progenitor_client::MessageId";

/// The runtime's type for a header parameter.
pub fn header_type(parameter: &Value) -> Option<&'static str> {
    if text(parameter, "in") != "header" {
        return None;
    }
    let name = text(parameter, "name").to_ascii_lowercase();
    TYPES.iter().find(|(header, _)| *header == name).map(|(_, path)| *path)
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    let mut types = Vec::new();
    lowering.each_parameter(&mut |parameter| {
        if let Some(path) = header_type(parameter) {
            types.push(path);
            put(parameter, "schema", json!({"type": "string", "format": path}));
            if path == MESSAGE_ID {
                put(parameter, "required", json!(false));
            }
            count += 1;
        }
    });
    lowering.types.extend(types.into_iter().map(str::to_owned));
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_headers_get_their_types() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"get": {"parameters": [
                {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
                {"name": "Message-Id", "in": "header", "required": true,
                 "schema": {"type": "string"}},
                {"name": "if-match", "in": "query", "schema": {"type": "string"}},
            ]}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let parameters = &lowering.root["paths"]["/a"]["get"]["parameters"];
        assert_eq!(parameters[0]["schema"]["format"], "::progenitor_client::IfMatch");
        assert_eq!(parameters[1]["required"], false);
        assert_eq!(parameters[2]["schema"], json!({"type": "string"}));
    }
}
