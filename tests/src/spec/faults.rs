//! Whether an answer is what a schema describes.

use serde_json::{Map, Value};

use super::schema::Flat;
use super::{Document, SpecError};

impl Document {
    /// What of an answer is not as the schema describes it: members that are
    /// missing, of another type or not described. A document has all members that
    /// are declared: the service puts them there itself.
    ///
    /// # Errors
    /// A reference leads nowhere.
    pub fn faults(&self, schema: &Value, value: &Value) -> Result<Vec<String>, SpecError> {
        let mut faults = Vec::new();
        self.look_at(schema, value, "", &mut faults)?;
        Ok(faults)
    }

    fn look_at(
        &self,
        schema: &Value,
        value: &Value,
        place: &str,
        faults: &mut Vec<String>,
    ) -> Result<(), SpecError> {
        let schema = match self.kind_of_value(schema, value) {
            Ok(kind) => kind.unwrap_or(schema),
            Err(unknown) => {
                faults.push(format!("the answer's {place:?} is of the kind {unknown}"));
                return Ok(());
            }
        };
        let flat = self.flatten(schema)?;
        if flat.nullable && value.is_null() {
            return Ok(());
        }
        if !has_type(&flat, value) {
            let kind = flat.format.as_ref().unwrap_or(&flat.kind);
            faults.push(format!("the answer's {place:?} is not of type {kind}"));
        } else if !flat.choices.is_empty() && !flat.choices.contains(value) {
            faults.push(format!("the answer's {place:?} has the value {value}"));
        }
        match value {
            Value::Object(members) => self.look_at_members(&flat, members, place, faults)?,
            Value::Array(elements) => {
                let items = flat.items.as_ref().unwrap_or(&Value::Null);
                for element in elements {
                    self.look_at(items, element, &format!("{place}/*"), faults)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The schema of the kind that a value is, where the schema comes in kinds.
    /// The error is a kind that is not described.
    fn kind_of_value<'a>(
        &'a self,
        schema: &'a Value,
        value: &Value,
    ) -> Result<Option<&'a Value>, Value> {
        let base = self.component(schema).and_then(|base| base.get("discriminator"));
        let member = base.and_then(|discriminator| discriminator.get("propertyName")?.as_str());
        let Some(named) = member.and_then(|member| value.get(member)) else { return Ok(None) };
        let mut kinds = self.kinds(schema).into_iter();
        let found = kinds.find(|(kind, _)| named.as_str() == Some(kind));
        found.map(|(_, schema)| Some(schema)).ok_or_else(|| named.clone())
    }

    fn look_at_members(
        &self,
        flat: &Flat,
        members: &Map<String, Value>,
        place: &str,
        faults: &mut Vec<String>,
    ) -> Result<(), SpecError> {
        let all = flat.properties.keys().filter(|_| flat.is_document);
        for name in flat.required.iter().chain(all) {
            if !members.contains_key(name) {
                faults.push(format!("the answer has no {place}/{name}"));
            }
        }
        // Where nothing is said of an object's members, any may come.
        let anything = flat.kind != "object";
        for (name, value) in members {
            let place = format!("{place}/{name}");
            match flat.properties.get(name).or(flat.additional.as_ref()) {
                Some(schema) => self.look_at(schema, value, &place, faults)?,
                None if anything => {}
                None => faults.push(format!("the answer's {place:?} is not described")),
            }
        }
        Ok(())
    }
}

fn has_type(flat: &Flat, value: &Value) -> bool {
    match flat.kind.as_str() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" if flat.format.as_deref() == Some("date-time") => {
            value.as_str().is_some_and(is_date_time)
        }
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    }
}

/// Date and time to the second, and something that tells the offset.
fn is_date_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == *form,
    };
    text.len() > FORM.len() && text.bytes().zip(FORM).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_held_to_their_schema() {
        let document = Document::from_value(json!({}));
        let schema = json!({
            "type": "object", "required": ["id"], "properties": {
                "id": {"type": "string"},
                "status": {"type": "string", "enum": ["on", "off"]},
                "at": {"type": "string", "format": "date-time"},
                "next": {"type": "string", "nullable": true},
                "list": {"type": "array", "items": {"type": "integer"}},
                "free": {"type": "object", "additionalProperties": true},
            }
        });
        let sound = json!({
            "id": "a", "status": "on", "at": "2024-02-29T23:59:58.1Z", "next": null,
            "list": [1, 2], "free": {"x": null}
        });
        assert_eq!(document.faults(&schema, &sound).unwrap(), Vec::<String>::new());
        for wrong in [
            json!({}),
            json!({"id": null}),
            json!({"id": "a", "status": "else"}),
            json!({"id": "a", "at": "yesterday"}),
            json!({"id": "a", "list": [1, "2"]}),
            json!({"id": "a", "free": 1}),
            json!({"id": "a", "more": 1}),
        ] {
            assert_eq!(document.faults(&schema, &wrong).unwrap().len(), 1, "{wrong}");
        }
    }

    #[test]
    fn members_of_a_kind_are_held_to_that_kind() {
        let base = "#/components/schemas/Base";
        let document = Document::from_value(json!({"components": {"schemas": {
            "Base": {"type": "object", "discriminator": {"propertyName": "type", "mapping": {
                "a": "#/components/schemas/A"}}, "properties": {"type": {"type": "string"}}},
            "A": {"allOf": [{"$ref": base}], "properties": {"more": {"type": "integer"}}},
        }}}));
        let list = json!({"type": "array", "items": {"$ref": base}});
        let faults = |value: Value| document.faults(&list, &value).unwrap();
        assert_eq!(faults(json!([{"type": "a", "more": 1}])), Vec::<String>::new());
        for wrong in [
            json!([{"type": "a", "more": "1"}]),
            json!([{"type": "a", "less": 1}]),
            json!([{"type": "b"}]),
        ] {
            assert_eq!(faults(wrong.clone()).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn documents_have_every_declared_member() {
        let document = Document::from_value(json!({}));
        let schema = json!({
            "type": "object", "x-document": true, "additionalProperties": true,
            "properties": {"$etag": {"type": "string"}}
        });
        assert!(document.faults(&schema, &json!({"$etag": "x", "y": 1})).unwrap().is_empty());
        assert_eq!(document.faults(&schema, &json!({"y": 1})).unwrap().len(), 1);
    }
}
