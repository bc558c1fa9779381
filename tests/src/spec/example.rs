//! Values that fit a schema and are hard to carry: every property set, text
//! with characters that mean something to URLs, JSON or headers.

use serde_json::{Map, Value, json};

use super::schema::Flat;
use super::{Document, SpecError};

/// Schemas that hold themselves are followed this deep.
const DEEPEST: usize = 9;

/// Whether a value is sent or answered: what only the service sets is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For a request.
    Request,
    /// For an answer.
    Answer,
    /// For a merge patch: whatever may be changed, nothing is needed.
    Patch,
}

/// Text for a path, a query or a body. It starts with a slash so that it may
/// also stand where a JSON Pointer is asked for.
#[must_use]
pub fn awkward_text(name: &str) -> String {
    format!("/{name}/b?c#d%2F e\\é;:+&=\"',[]{{}}😀")
}

/// Text for a header: visible ASCII only.
#[must_use]
pub fn awkward_header(name: &str) -> String {
    format!("{name} a/b?c#d%2F;:+&=,\"'\\[]{{}}~")
}

/// A value of the schema. Where it comes in kinds, `turn` says with which kind
/// to begin.
///
/// # Errors
/// A reference leads nowhere.
pub fn example(
    document: &Document,
    schema: &Value,
    purpose: Purpose,
    turn: usize,
    name: &str,
) -> Result<Value, SpecError> {
    Maker { document, purpose, turn }.value(schema, name, 0, 0)
}

struct Maker<'a> {
    document: &'a Document,
    purpose: Purpose,
    turn: usize,
}

impl Maker<'_> {
    /// `place` tells the elements of one list apart.
    fn value(
        &self,
        schema: &Value,
        name: &str,
        place: usize,
        depth: usize,
    ) -> Result<Value, SpecError> {
        let kinds = self.document.kinds(schema);
        let (turn, count) = (self.turn + place, kinds.len().max(1));
        if let Some((_, kind)) = kinds.get(turn % count) {
            // Kinds inside take their turns once all of these had theirs.
            return Maker { turn: turn / count, ..*self }.kind(kind, place, depth);
        }
        if let Some(component) = self.document.component(schema)
            && self.document.kind_of(component).is_some()
        {
            return self.kind(component, place, depth);
        }
        let flat = self.document.flatten(schema)?;
        if let Some(choice) = flat.choices.get(place % flat.choices.len().max(1)) {
            return Ok(choice.clone());
        }
        Ok(match flat.kind.as_str() {
            "object" => self.object(&flat, place, depth)?,
            "array" => self.array(&flat, name, depth)?,
            "string" if flat.format.as_deref() == Some("date-time") => {
                json!(format!("2024-02-29T23:59:{:02}.1234567+05:30", 58 + place % 2))
            }
            "string" => json!(numbered(awkward_text(name), place)),
            "integer" => json!(integer(&flat)),
            "number" => json!(1.25e-7),
            "boolean" => json!(flat.default != Some(json!(true))),
            _ => json!({"any": [1, -2.5, true, null, awkward_text(name)]}),
        })
    }

    /// A value of one kind: the member that names the kind says so.
    fn kind(&self, kind: &Value, place: usize, depth: usize) -> Result<Value, SpecError> {
        let mut value = self.object(&self.document.flatten(kind)?, place, depth)?;
        if let (Some((tag, name)), Some(members)) =
            (self.document.kind_of(kind), value.as_object_mut())
        {
            members.insert(tag, Value::String(name));
        }
        Ok(value)
    }

    fn object(&self, flat: &Flat, place: usize, depth: usize) -> Result<Value, SpecError> {
        let mut members = Map::new();
        for (name, property) in &flat.properties {
            let needed = flat.required.contains(name);
            let read_only = self.document.flatten(property)?.read_only;
            let unsent = match self.purpose {
                Purpose::Request => read_only && !needed,
                Purpose::Patch => read_only,
                Purpose::Answer => false,
            };
            if unsent || (depth >= DEEPEST && !needed) {
                continue;
            }
            members.insert(name.clone(), self.value(property, name, place, depth + 1)?);
        }
        match &flat.additional {
            None => {}
            Some(Value::Object(schema)) if !schema.is_empty() => {
                let schema = Value::Object(schema.clone());
                let value = self.value(&schema, "additional", place, depth + 1)?;
                members.insert("an \"awkward\" / ~ é name".to_owned(), value);
            }
            Some(_) => {
                let id = || json!(format!("dtmi:example:Thing;{place}"));
                members.entry("@id").or_insert_with(id);
                members.insert("big".to_owned(), json!(u64::MAX));
                members.insert("nothing".to_owned(), Value::Null);
                members.insert("é \"\\/".to_owned(), json!([[], {}, awkward_text("free")]));
            }
        }
        Ok(Value::Object(members))
    }

    fn array(&self, flat: &Flat, name: &str, depth: usize) -> Result<Value, SpecError> {
        let Some(items) = &flat.items else { return Ok(json!([])) };
        if depth >= DEEPEST {
            return Ok(json!([]));
        }
        // Enough elements for each value of an enum of theirs to occur.
        // A patch replaces a list by one that is whole.
        let purpose = match self.purpose {
            Purpose::Patch => Purpose::Request,
            purpose => purpose,
        };
        let whole = Maker { purpose, ..*self };
        let elements = (0..3).map(|place| whole.value(items, name, place, depth + 1));
        Ok(Value::Array(elements.collect::<Result<_, _>>()?))
    }
}

/// The largest that the format holds, or a value inside the limits.
fn integer(flat: &Flat) -> i64 {
    let largest =
        if flat.format.as_deref() == Some("int64") { i64::MAX } else { i64::from(i32::MAX) };
    flat.maximum.unwrap_or(largest).max(flat.minimum.unwrap_or(i64::MIN))
}

fn numbered(text: String, place: usize) -> String {
    if place == 0 { text } else { format!("{text}{place}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(schema: Value, purpose: Purpose) -> Value {
        let document = Document::from_value(json!({"components": {"schemas": {
            "Loop": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Loop"}}},
            "Base": {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean", "default": true}}},
        }}}));
        example(&document, &schema, purpose, 0, "x").unwrap()
    }

    #[test]
    fn every_property_is_set_but_what_only_the_service_sets() {
        let schema = json!({
            "allOf": [{"$ref": "#/components/schemas/Base"}],
            "properties": {"b": {"type": "string", "readOnly": true}, "c": {"type": "integer", "maximum": 7}}
        });
        assert_eq!(make(schema.clone(), Purpose::Request), json!({"a": false, "c": 7}));
        assert_eq!(make(schema, Purpose::Answer)["b"], json!(awkward_text("b")));
    }

    #[test]
    fn patches_hold_what_may_be_changed_and_whole_lists() {
        let schema = json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "readOnly": true},
            "on": {"type": "boolean"},
            "list": {"type": "array", "items": {"type": "object", "required": ["r"], "properties": {
                "r": {"type": "integer", "maximum": 1, "readOnly": true},
            }}},
        }});
        let part = json!({"r": 1});
        assert_eq!(make(schema, Purpose::Patch), json!({"on": true, "list": [part, part, part]}),);
    }

    #[test]
    fn kinds_take_turns_and_name_themselves() {
        let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let document = Document::from_value(json!({"components": {"schemas": {
            "Base": {"type": "object", "discriminator": {"propertyName": "type", "mapping": {
                "a": "#/components/schemas/A", "b": "#/components/schemas/B",
            }}, "required": ["type"], "properties": {"type": {"type": "string"}}},
            "A": {"allOf": [refs("Base")]},
            "B": {"allOf": [refs("Base")], "properties": {"on": {"type": "boolean"}}},
        }}}));
        let list = json!({"type": "array", "items": refs("Base")});
        let make =
            |schema: &Value, turn| example(&document, schema, Purpose::Answer, turn, "x").unwrap();
        let (a, b) = (json!({"type": "a"}), json!({"type": "b", "on": true}));
        assert_eq!(make(&list, 0), json!([a, b, a]));
        assert_eq!(make(&refs("Base"), 1), b);
        assert_eq!(make(&json!({"description": "d", "allOf": [refs("B")]}), 0), b);
    }

    #[test]
    fn lists_hold_each_value_of_an_enum() {
        let schema = json!({"type": "array", "items": {"type": "string", "enum": ["p", "q"]}});
        assert_eq!(make(schema, Purpose::Request), json!(["p", "q", "p"]));
    }

    #[test]
    fn schemas_that_hold_themselves_end() {
        let value = make(json!({"$ref": "#/components/schemas/Loop"}), Purpose::Answer);
        assert_eq!(value.to_string().matches("next").count(), DEEPEST);
    }
}
