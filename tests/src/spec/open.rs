//! Open documents: the members that a schema declares, apart from those that
//! anybody may add.

use serde_json::{Map, Value};

use super::{Document, SpecError};

/// An open document.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// The declared members. Within them, others are left out.
    pub declared: Value,
    /// All other members.
    pub others: Map<String, Value>,
}

impl Document {
    /// The parts of a document that is open; `None` if the schema is not open or
    /// declares no member.
    ///
    /// # Errors
    /// A reference leads nowhere.
    pub fn open(&self, schema: &Value, value: &Value) -> Result<Option<Open>, SpecError> {
        let flat = self.flatten(schema)?;
        let (Value::Object(members), Some(_)) = (value, &flat.additional) else { return Ok(None) };
        if flat.properties.is_empty() {
            return Ok(None);
        }
        let is_other = |name: &String| !flat.properties.contains_key(name);
        let others = members.iter().filter(|(name, _)| is_other(name));
        let others = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut declared = Map::new();
        for (name, value) in members.iter().filter(|(name, _)| !is_other(name)) {
            let property = flat.properties.get(name).unwrap_or(&Value::Null);
            declared.insert(name.clone(), self.declared(property, value)?);
        }
        Ok(Some(Open { declared: Value::Object(declared), others }))
    }

    fn declared(&self, schema: &Value, value: &Value) -> Result<Value, SpecError> {
        let flat = self.flatten(schema)?;
        // An object of which no member is declared is one value, whole.
        let Value::Object(members) = value else { return Ok(value.clone()) };
        if flat.properties.is_empty() && flat.additional == Some(Value::Bool(true)) {
            return Ok(value.clone());
        }
        let mut declared = Map::new();
        for (name, value) in members {
            let schema = flat.properties.get(name).or(flat.additional.as_ref());
            // A member of which nothing is said is not declared.
            if let Some(schema) = schema.filter(|schema| schema.is_object()) {
                declared.insert(name.clone(), self.declared(schema, value)?);
            }
        }
        Ok(Value::Object(declared))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn declared_members_are_told_from_others() {
        let document = Document::from_value(json!({}));
        let free = json!({"type": "object", "additionalProperties": true});
        let metadata = json!({
            "type": "object", "additionalProperties": true, "properties": {"at": {}}
        });
        let schema = json!({
            "type": "object", "additionalProperties": true,
            "properties": {"$metadata": metadata, "free": free}
        });
        let value = json!({"$metadata": {"at": 0, "x": 1}, "free": {"a": 1}, "y": {"z": 2}});
        let open = document.open(&schema, &value).unwrap().unwrap();
        assert_eq!(open.declared, json!({"$metadata": {"at": 0}, "free": {"a": 1}}));
        assert_eq!(Value::Object(open.others), json!({"y": {"z": 2}}));
        assert_eq!(document.open(&free, &value).unwrap(), None);
    }
}
