//! JSON under another name (`application/json-patch+json`, vendor types)
//! becomes `application/json`.
//!
//! progenitor refuses other names in requests and gives raw bytes for them in
//! responses. The operation table keeps the real names, and the runtime puts
//! them into `Content-Type` and `Accept`.

use serde_json::Value;

use super::{Lowering, Rule, object_values};

pub const RULE: Rule = Rule { name: "media types written as JSON", apply };

/// The one name that progenitor knows.
const JSON: &str = "application/json";

/// Whether a media type is JSON in all but name.
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or(media_type).trim();
    essence == JSON || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut count = 0;
    lowering.each_operation(&mut |operation| {
        if let Some(body) = operation.get_mut("requestBody") {
            count += rename(body);
        }
        for response in object_values(operation.get_mut("responses")) {
            count += rename(response);
        }
    });
    count
}

fn rename(holder: &mut Value) -> usize {
    let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else { return 0 };
    let mut count = 0;
    *content = std::mem::take(content)
        .into_iter()
        .map(|(media_type, value)| {
            if media_type != JSON && is_json(&media_type) {
                count += 1;
                (JSON.to_owned(), value)
            } else {
                (media_type, value)
            }
        })
        .collect();
    count
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_by_another_name_is_renamed() {
        let mut lowering = Lowering::new(
            json!({"paths": {"/a": {"patch": {
                "requestBody": {"content": {"application/json-patch+json": {"schema": 1}}},
                "responses": {
                    "200": {"content": {"application/json; charset=utf-8": {}}},
                    "201": {"content": {"text/plain": {}}},
                    "202": {"content": {"application/json": {}}},
                },
            }}}}),
            "m",
        );
        assert_eq!(apply(&mut lowering), 2);
        let operation = &lowering.root["paths"]["/a"]["patch"];
        assert_eq!(operation["requestBody"]["content"], json!({"application/json": {"schema": 1}}));
        assert_eq!(operation["responses"]["200"]["content"], json!({"application/json": {}}));
        assert_eq!(operation["responses"]["201"]["content"], json!({"text/plain": {}}));
    }
}
