//! A JSON Patch body becomes the runtime's `JsonPatch`, whatever schema stands
//! for it.
//!
//! progenitor refuses the media type, and a list of loosely typed operations
//! is what the patch builder is there to spare people.

use serde_json::{Value, json};

use super::{Lowering, Rule, put};

pub const RULE: Rule = Rule { name: "JSON Patch bodies", apply };

/// The media type of JSON Patch (RFC 6902, section 6).
pub const MEDIA_TYPE: &str = "application/json-patch+json";

/// The runtime's type.
pub const TYPE: &str = "::progenitor_client::JsonPatch";

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        let Some(body) = operation.get_mut("requestBody") else { return };
        let patch = body
            .get("content")
            .and_then(Value::as_object)
            .is_some_and(|content| content.contains_key(MEDIA_TYPE));
        if patch {
            put(
                body,
                "content",
                json!({ MEDIA_TYPE: { "schema": {"type": "string", "format": TYPE} } }),
            );
            count += 1;
        }
    });
    if count > 0 {
        lowering.types.insert(TYPE.to_owned());
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_becomes_the_runtimes_type() {
        let content = json!({MEDIA_TYPE: {"schema": {"type": "array", "items": {}}}});
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"patch": {"requestBody": {"content": content}}}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 1);
        assert_eq!(
            lowering.root["paths"]["/a"]["patch"]["requestBody"]["content"],
            json!({MEDIA_TYPE: {"schema": {"type": "string", "format": TYPE}}}),
        );
        assert!(lowering.types.contains(TYPE));
    }
}
