//! Whether what would be sent is there already.

use serde_json::Value;

use crate::archive::document::Members;

/// Whether `there` has all that `body` says. Of the members `of` it may have
/// no other; what the service adds further down does not count.
pub(super) fn is_same(body: &Members, there: &Members, of: &[&str]) -> bool {
    let value = |members: &Members, name| members.read::<Value>(name).unwrap_or(Value::Null);
    of.iter().all(|name| match (value(body, name), value(there, name)) {
        (wanted, found) if is_nothing(&wanted) => is_nothing(&found),
        (wanted, found) => contains(&found, &wanted),
    })
}

/// Whether a value says what another says. The order of lists does not count:
/// none of the platform's means anything by it.
pub(super) fn contains(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Object(there), Value::Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            is_nothing(wanted) || there.get(name).is_some_and(|there| contains(there, wanted))
        }),
        (Value::Array(there), Value::Array(wanted)) => {
            there.len() == wanted.len()
                && wanted.iter().all(|wanted| there.iter().any(|there| contains(there, wanted)))
        }
        (Value::Number(there), Value::Number(wanted)) => {
            there == wanted || there.as_f64() == wanted.as_f64()
        }
        _ => there == wanted,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Json;
    use serde_json::json;

    fn same(body: Value, there: Value) -> bool {
        let members = |value: Value| Json::from(value).parse::<Members>().unwrap();
        is_same(&members(body), &members(there), &["a", "b"])
    }

    #[test]
    fn what_the_service_adds_makes_no_difference() {
        assert!(same(json!({"a": {"x": 1}}), json!({"a": {"x": 1.0, "y": 2}, "etag": "e"})));
        assert!(same(json!({"a": [{"x": 1}, {"x": 2}]}), json!({"a": [{"x": 2}, {"x": 1}]})));
        assert!(same(json!({"a": [], "b": null}), json!({})));
    }

    #[test]
    fn other_values_do_and_so_does_what_only_the_application_has() {
        assert!(!same(json!({"a": 1}), json!({"a": 2})));
        assert!(!same(json!({"a": 1}), json!({"a": 1, "b": ["x"]})));
        assert!(!same(json!({"a": 1, "b": ["x"]}), json!({"a": 1})));
        assert!(!same(json!({"a": [1, 1]}), json!({"a": [1]})));
    }
}
