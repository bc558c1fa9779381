//! Whether a value fits the schema of a property. Primitive schemas, enums,
//! objects, maps and arrays are checked; others, such as `geopoint` or a schema
//! that is only named by its id, let any value through (our choice).

use jiff::{Span, Timestamp, civil};
use serde_json::Value;

use super::DEPTH;

/// What is wrong with a value, if anything.
pub(in crate::iot_central) fn fault(schema: Option<&Value>, value: &Value) -> Option<String> {
    look(schema, value, DEPTH)
}

fn look(schema: Option<&Value>, value: &Value, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    let schema = schema?;
    if let Some(name) = schema.as_str() {
        let fits = primitive(name, value);
        return (!fits).then(|| format!("is no {name}"));
    }
    let member = |name: &str| schema.get(name);
    match member("@type").and_then(kind)? {
        "Enum" => {
            let known = member("enumValues").and_then(Value::as_array)?;
            let fits = known.iter().any(|each| each.get("enumValue") == Some(value));
            (!fits).then(|| "is not among the values of its enum".to_owned())
        }
        "Object" => {
            let Some(members) = value.as_object() else { return Some("is no object".to_owned()) };
            let fields = member("fields").and_then(Value::as_array)?;
            members.iter().find_map(|(name, value)| {
                let named = |field: &&Value| field.get("name").is_some_and(|known| known == name);
                match fields.iter().find(named) {
                    None => Some(format!("has no field {name:?}")),
                    Some(field) => look(field.get("schema"), value, depth - 1)
                        .map(|fault| format!("has a field {name:?} that {fault}")),
                }
            })
        }
        "Map" => {
            let Some(members) = value.as_object() else { return Some("is no map".to_owned()) };
            let schema = member("mapValue").and_then(|value| value.get("schema"));
            members.iter().find_map(|(name, value)| {
                let fault = look(schema, value, depth - 1)?;
                Some(format!("has an entry {name:?} that {fault}"))
            })
        }
        "Array" => {
            let Some(items) = value.as_array() else { return Some("is no list".to_owned()) };
            let schema = member("elementSchema");
            items.iter().enumerate().find_map(|(index, value)| {
                let fault = look(schema, value, depth - 1)?;
                Some(format!("has an item {index} that {fault}"))
            })
        }
        _ => None,
    }
}

/// The kind of a complex schema, alone or among others.
fn kind(types: &Value) -> Option<&str> {
    match types {
        Value::String(only) => Some(only),
        Value::Array(types) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| matches!(*kind, "Enum" | "Object" | "Map" | "Array")),
        _ => None,
    }
}

fn primitive(name: &str, value: &Value) -> bool {
    let text = |fits: fn(&str) -> bool| value.as_str().is_some_and(fits);
    match name {
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "double" | "float" => value.is_number(),
        "integer" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "long" => value.is_i64(),
        "date" => text(|text| text.parse::<civil::Date>().is_ok() && !text.contains('T')),
        "time" => text(|text| text.trim_end_matches('Z').parse::<civil::Time>().is_ok()),
        "dateTime" => text(|text| text.parse::<Timestamp>().is_ok()),
        // Jiff reads other forms than that of ISO 8601 too.
        "duration" => text(|text| text.starts_with('P') && text.parse::<Span>().is_ok()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fit_their_schemas_or_not() {
        let colours = json!({"@type": "Enum", "valueSchema": "string", "enumValues": [
            {"name": "red", "enumValue": "r"}, {"name": "blue", "enumValue": "b"},
        ]});
        let limits = json!({"@type": ["Object"], "fields": [{"name": "low", "schema": "double"}]});
        let map = json!({"@type": "Map", "mapValue": {"name": "v", "schema": "integer"}});
        let list = json!({"@type": "Array", "elementSchema": "boolean"});
        for (schema, good, bad) in [
            (json!("boolean"), json!(true), json!("true")),
            (json!("string"), json!(""), json!(1)),
            (json!("double"), json!(1), json!("1")),
            (json!("integer"), json!(-5), json!(5_000_000_000_i64)),
            (json!("long"), json!(5_000_000_000_i64), json!(1.5)),
            (json!("date"), json!("2026-02-28"), json!("2026-02-30")),
            (json!("time"), json!("23:59:59Z"), json!("25:00:00")),
            (json!("dateTime"), json!("2026-01-01T00:00:00Z"), json!("2026-01-01")),
            (json!("duration"), json!("PT5M"), json!("5 apples")),
            (colours, json!("b"), json!("blue")),
            (limits, json!({"low": 1.5}), json!({"high": 1})),
            (map, json!({"a": 1}), json!({"a": "1"})),
            (list, json!([true]), json!([0])),
        ] {
            assert_eq!(fault(Some(&schema), &good), None, "{schema}");
            assert!(fault(Some(&schema), &bad).is_some(), "{schema}");
        }
        assert_eq!(fault(Some(&json!("geopoint")), &json!({"lat": 1})), None);
        assert_eq!(fault(None, &json!(1)), None);
    }
}
