//! One JSON value against one schema.

use serde_json::{Map, Value};

use super::formats;
use crate::digital_twins::{
    config::Limits,
    dtdl::{Enumeration, Primitive, Schema},
};

/// Adds to `faults` everything in `value` that `schema` does not allow. `path`
/// names the value in messages.
pub(crate) fn check(
    value: &Value,
    schema: &Schema,
    path: &str,
    limits: &Limits,
    faults: &mut Vec<String>,
) {
    match schema {
        Schema::Primitive(primitive) => {
            if let Some(wanted) = primitive_fault(value, *primitive, limits) {
                faults.push(format!("{path} must be {wanted}, not {}", shown(value)));
            }
        }
        Schema::Enum(enumeration) => check_enum(value, enumeration, path, faults),
        Schema::Map(values) => {
            let Some(map) = object(value, path, "a map", faults) else { return };
            for (key, value) in map {
                if let Some(fault) = key_fault(key, limits) {
                    faults.push(format!("{path} has a key that {fault}"));
                }
                check(value, values, &format!("{path}/{key}"), limits, faults);
            }
        }
        Schema::Object(fields) => {
            let Some(object) = object(value, path, "an object", faults) else { return };
            for (name, value) in object {
                let path = format!("{path}/{name}");
                match fields.get(name) {
                    Some(field) => check(value, field, &path, limits, faults),
                    None => faults.push(format!("{path} is not a field of the declared object")),
                }
            }
        }
        Schema::Array(element) => match value {
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    check(value, element, &format!("{path}/{index}"), limits, faults);
                }
            }
            other => faults.push(format!("{path} must be an array, not {}", shown(other))),
        },
        Schema::Geospatial => {
            let Some(geometry) = object(value, path, "a GeoJSON geometry", faults) else { return };
            let named = geometry.get("type").is_some_and(Value::is_string);
            let placed = geometry.get("coordinates").is_some_and(Value::is_array);
            if !named || !placed {
                faults.push(format!("{path} must have the members type and coordinates"));
            }
        }
        Schema::Reference(id) => faults.push(format!("{path} has the unknown schema {id}")),
    }
}

fn object<'v>(
    value: &'v Value,
    path: &str,
    wanted: &str,
    faults: &mut Vec<String>,
) -> Option<&'v Map<String, Value>> {
    let object = value.as_object();
    if object.is_none() {
        faults.push(format!("{path} must be {wanted}, not {}", shown(value)));
    }
    object
}

fn check_enum(value: &Value, enumeration: &Enumeration, path: &str, faults: &mut Vec<String>) {
    // `1.0` is the whole number 1 here as for an integer.
    let same = |known: &Value| known == value || (known.is_i64() && known.as_i64() == whole(value));
    if enumeration.values.iter().any(same) {
        return;
    }
    let known: Vec<String> = enumeration.values.iter().take(10).map(ToString::to_string).collect();
    let more = if enumeration.values.len() > known.len() { ", ..." } else { "" };
    faults.push(format!("{path} must be one of {}{more}, not {}", known.join(", "), shown(value)));
}

/// What the value should have been, if it is not.
fn primitive_fault(value: &Value, primitive: Primitive, limits: &Limits) -> Option<String> {
    let text = |good: fn(&str) -> bool| value.as_str().is_some_and(good);
    let good = match primitive {
        Primitive::Boolean => value.is_boolean(),
        Primitive::Double => value.is_number(),
        Primitive::Float => value.as_f64().is_some_and(|number| number.abs() <= f32::MAX.into()),
        Primitive::Integer => whole(value).is_some_and(|number| i32::try_from(number).is_ok()),
        Primitive::Long => whole(value).is_some(),
        Primitive::Date => text(formats::is_date),
        Primitive::DateTime => text(formats::is_date_time),
        Primitive::Duration => text(formats::is_duration),
        Primitive::Time => text(formats::is_time),
        Primitive::String => match value.as_str() {
            Some(text) if text.len() > limits.string_bytes => {
                return Some(format!("at most {} bytes long", limits.string_bytes));
            }
            found => found.is_some(),
        },
    };
    (!good).then(|| format!("of schema {}", primitive.name()))
}

/// A whole number. `2.0` is one; `2.5` is not.
fn whole(value: &Value) -> Option<i64> {
    /// Above this, doubles no longer hold every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|_| value.is_f64())?;
        let whole = number.fract() == 0.0 && number.abs() <= EXACT;
        // Exact: a whole number within the range that both types hold.
        whole.then_some(number as i64)
    })
}

/// What is wrong with a map key. Which characters the platform refuses is not
/// known; our choice is control characters and a leading `$`.
fn key_fault(key: &str, limits: &Limits) -> Option<&'static str> {
    if key.is_empty() {
        return Some("is empty");
    }
    if key.starts_with('$') || key.chars().any(char::is_control) {
        return Some("begins with $ or has control characters");
    }
    (key.len() > limits.name_bytes).then_some("is too long")
}

/// A value for a message: short, and by kind if it is not a plain one.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.chars().count() > 60 => {
            format!("a string of {} bytes", text.len())
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(value: Value, schema: &Schema) -> Vec<String> {
        let mut faults = Vec::new();
        check(&value, schema, "p", &Limits::default(), &mut faults);
        faults
    }

    #[test]
    fn primitives_take_their_own_kind_only() {
        use Primitive::*;
        let cases = [
            (Boolean, json!(true), json!("true")),
            (Double, json!(1e300), json!("1")),
            (Float, json!(1.5), json!(1e300)),
            (Integer, json!(2147483647), json!(2147483648_i64)),
            (Integer, json!(2.0), json!(2.5)),
            (Long, json!(i64::MAX), json!(u64::MAX)),
            (Long, json!(-1), json!(1e300)),
            (String, json!(""), json!(null)),
            (String, json!("a".repeat(4096)), json!("a".repeat(4097))),
            (Date, json!("2024-02-29"), json!("2023-02-29")),
            (DateTime, json!("2024-02-29T10:00:00Z"), json!("2024-02-29")),
            (Time, json!("10:00:00"), json!("10")),
            (Duration, json!("PT5M"), json!(5)),
        ];
        for (primitive, good, bad) in cases {
            let schema = Schema::Primitive(primitive);
            assert_eq!(faults(good.clone(), &schema), [""; 0], "{primitive:?} {good}");
            assert_eq!(faults(bad.clone(), &schema).len(), 1, "{primitive:?} {bad}");
        }
    }

    #[test]
    fn nested_faults_are_all_found_with_their_path() {
        let schema = Schema::Object(
            [
                ("a".to_owned(), Schema::Array(Box::new(Schema::Primitive(Primitive::Integer)))),
                ("m".to_owned(), Schema::Map(Box::new(Schema::Primitive(Primitive::Boolean)))),
                (
                    "e".to_owned(),
                    Schema::Enum(Enumeration { values: vec![json!("on"), json!("off")] }),
                ),
            ]
            .into_iter()
            .collect(),
        );
        let good = json!({"a": [1, 2], "m": {"x": true}, "e": "on"});
        assert_eq!(faults(good, &schema), [""; 0]);
        let bad = json!({"a": [1, "2"], "m": {"x": 1, "": true, "$x": true}, "e": "On", "z": 1});
        assert_eq!(
            faults(bad, &schema),
            [
                "p/a/1 must be of schema integer, not \"2\"",
                "p/m/x must be of schema boolean, not 1",
                "p has a key that is empty",
                "p has a key that begins with $ or has control characters",
                "p/e must be one of \"on\", \"off\", not \"On\"",
                "p/z is not a field of the declared object",
            ]
            .map(|text| text.replace("p has", "p/m has"))
        );
        assert_eq!(faults(json!([]), &schema), ["p must be an object, not an array"]);
    }

    #[test]
    fn the_values_of_an_enum_compare_as_its_schema_does() {
        let numbers = Schema::Enum(Enumeration { values: vec![json!(1), json!(2)] });
        assert_eq!(faults(json!(1), &numbers), Vec::<String>::new());
        assert_eq!(faults(json!(2.0), &numbers), Vec::<String>::new());
        for bad in [json!(3), json!(1.5), json!("1"), json!(null)] {
            assert_eq!(faults(bad, &numbers).len(), 1);
        }
    }
}
