//! Bodies that are pictures become the runtime's `Image`: bytes with their media
//! type.
//!
//! progenitor knows one media type for bytes, and sends it whatever they are.
//! Here the picture says itself what it is; the emitter sends and reads it.

use serde_json::{Value, json};

use super::{Lowering, Rule, object_values, put};

pub const RULE: Rule = Rule { name: "pictures", apply };

/// The runtime's type.
pub const TYPE: &str = "::progenitor_client::Image";

/// Whether a media type is that of a picture.
pub fn is_image(media_type: &str) -> bool {
    media_type.starts_with("image/")
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        if let Some(body) = operation.get_mut("requestBody") {
            count += usize::from(lower(body));
        }
        for response in object_values(operation.get_mut("responses")) {
            count += usize::from(lower(response));
        }
    });
    if count > 0 {
        lowering.types.insert(TYPE.to_owned());
    }
    count
}

fn lower(holder: &mut Value) -> bool {
    let found = crate::openapi::members(holder, "content").any(|(media, _)| is_image(media));
    if found {
        let schema = json!({"type": "string", "format": TYPE});
        put(holder, "content", json!({"application/json": {"schema": schema}}));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_become_the_runtimes_type() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"put": {
                "requestBody": {"content": {"image/png": {}, "image/jpeg": {}}},
                "responses": {"200": {"content": {"image/png": {}}}, "201": {}},
            }}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let operation = &lowering.root["paths"]["/a"]["put"];
        let image = json!({"application/json": {"schema": {"type": "string", "format": TYPE}}});
        assert_eq!(operation["requestBody"]["content"], image);
        assert_eq!(operation["responses"]["200"]["content"], image);
        assert_eq!(operation["responses"]["201"], json!({}));
    }
}
