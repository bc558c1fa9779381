//! JSON merge patch (RFC 7396): null takes a member away, an object goes
//! deeper, anything else takes the place of what was there.

use serde_json::{Map, Value};

/// Applies a patch to an object.
pub(in crate::iot_central) fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (member, value) in patch {
        match value {
            Value::Null => {
                target.shift_remove(&member);
            }
            Value::Object(patch) => {
                let place = target.entry(member).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Some(members) = place.as_object_mut() {
                    merge(members, patch);
                }
            }
            other => {
                target.insert(member, other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The cases of RFC 7396, appendix A, whose patch is an object and whose
    /// target is one.
    #[test]
    fn the_examples_of_the_rfc() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let (Value::Object(mut target), Value::Object(patch)) = (target, patch) else {
                panic!("both are objects")
            };
            merge(&mut target, patch);
            assert_eq!(Value::Object(target), result);
        }
    }
}
