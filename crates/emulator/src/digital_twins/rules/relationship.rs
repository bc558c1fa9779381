//! A relationship against the model of its source.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    patch::{Operation, edited},
    values::{self, shown},
};
use crate::digital_twins::{config::Limits, dtdl::Model, errors::ApiError};

/// A relationship without its ids and etag.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// `$relationshipName`
    pub(crate) name: String,
    /// `$targetId`
    pub(crate) target: String,
    pub(crate) properties: IndexMap<String, Value>,
}

impl Draft {
    /// Takes a document apart. The ids of the path are the ones that count;
    /// those in the document, and `$etag`, are ignored.
    pub(crate) fn read(document: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let mut text = |name: &str| match document.get(name) {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(other) => {
                faults.push(format!("{name} must be a string with text, not {}", shown(other)));
                String::new()
            }
            None => {
                faults.push(format!("{name} is missing"));
                String::new()
            }
        };
        let name = text("$relationshipName");
        let target = text("$targetId");
        if !faults.is_empty() {
            return Err(ApiError::validation("relationship", faults));
        }
        const OWN: [&str; 5] =
            ["$relationshipName", "$targetId", "$relationshipId", "$sourceId", "$etag"];
        let properties = document
            .iter()
            .filter(|(name, _)| !OWN.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(Self { name, target, properties })
    }

    /// Checks the name and the properties against the model of the source.
    pub(crate) fn check(&self, model: &Model, limits: &Limits) -> Result<(), ApiError> {
        let declared = model.relationship(&self.name).ok_or_else(|| {
            invalid(format!("The model {} declares no relationship {}.", model.id(), self.name))
        })?;
        let mut faults = Vec::new();
        for (name, value) in &self.properties {
            let Some(schema) = declared.properties.get(name) else {
                let shown: String = name.chars().take(200).collect();
                return Err(invalid(format!(
                    "The relationship {} declares no property {shown}.",
                    self.name
                )));
            };
            values::check(value, schema, name, limits, &mut faults);
        }
        if faults.is_empty() { Ok(()) } else { Err(ApiError::validation("relationship", faults)) }
    }

    /// Checks the model of the target, which may extend the declared one.
    pub(crate) fn check_target(&self, model: &Model, target: &Model) -> Result<(), ApiError> {
        let declared = model.relationship(&self.name).and_then(|name| name.target.as_deref());
        match declared {
            Some(wanted) if !target.is_a(wanted) => Err(invalid(format!(
                "The relationship {} leads to twins of {wanted}; the target is of {}.",
                self.name,
                target.id()
            ))),
            _ => Ok(()),
        }
    }

    /// Applies a patch, which reaches properties only. On an error the draft is
    /// half done and must be thrown away.
    pub(crate) fn patch(&mut self, operations: &[Operation]) -> Result<(), ApiError> {
        for operation in operations {
            self.operation(operation).map_err(|text| {
                let path: String = operation.path.join("/").chars().take(200).collect();
                ApiError::json_patch(format!("{} /{path}: {text}.", operation.edit.word()))
            })?;
        }
        Ok(())
    }

    fn operation(&mut self, operation: &Operation) -> Result<(), String> {
        let Some((name, rest)) = operation.path.split_first() else {
            return Err("the whole relationship has no path".into());
        };
        if name.starts_with('$') {
            return Err(format!("{name} is read-only"));
        }
        match edited(self.properties.get(name).cloned(), rest, &operation.edit)? {
            Some(value) => {
                self.properties.insert(name.clone(), value);
            }
            None => {
                self.properties.shift_remove(name);
            }
        }
        Ok(())
    }

    /// The whole document, as `GET` answers it.
    pub(crate) fn document(self, source: &str, id: &str, etag: &str) -> Value {
        let mut document = Map::new();
        document.insert("$relationshipId".into(), id.into());
        document.insert("$etag".into(), etag.into());
        document.insert("$sourceId".into(), source.into());
        document.insert("$relationshipName".into(), self.name.into());
        document.insert("$targetId".into(), self.target.into());
        document.extend(self.properties);
        Value::Object(document)
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("InvalidRelationship", message)
}
