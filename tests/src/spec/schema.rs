//! What a schema says once references are followed and `allOf` is merged.

use serde_json::{Map, Value};

use super::{Document, SpecError};

/// A schema without references and `allOf` at its top.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat {
    /// `type`; empty if it says none.
    pub(super) kind: String,
    pub(super) format: Option<String>,
    pub(super) choices: Vec<Value>,
    pub(super) properties: Map<String, Value>,
    pub(super) required: Vec<String>,
    /// Whether other members are allowed, and their schema if it says one.
    pub(super) additional: Option<Value>,
    pub(super) items: Option<Value>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) default: Option<Value>,
    pub(super) read_only: bool,
    pub(super) nullable: bool,
    /// `x-document`: the service puts the declared members around the caller's.
    pub(super) is_document: bool,
}

impl Document {
    pub(super) fn flatten(&self, schema: &Value) -> Result<Flat, SpecError> {
        let mut flat = Flat::default();
        self.merge(schema, &mut flat)?;
        Ok(flat)
    }

    fn merge(&self, schema: &Value, flat: &mut Flat) -> Result<(), SpecError> {
        // What stands beside a reference or an `allOf` counts as well.
        let resolved = self.resolve(schema)?;
        for part in resolved.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.merge(part, flat)?;
        }
        let word = |name: &str| resolved.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(kind) = word("type") {
            flat.kind = kind;
        }
        if let Some(format) = word("format") {
            flat.format = Some(format);
        }
        if let Some(choices) = resolved.get("enum").and_then(Value::as_array) {
            flat.choices.clone_from(choices);
        }
        for (name, property) in super::members(resolved, "properties") {
            flat.properties.insert(name.clone(), property.clone());
        }
        for name in resolved.get("required").and_then(Value::as_array).into_iter().flatten() {
            flat.required.extend(name.as_str().map(str::to_owned));
        }
        match resolved.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(schema) => flat.additional = Some(schema.clone()),
        }
        if let Some(items) = resolved.get("items") {
            flat.items = Some(items.clone());
        }
        flat.minimum = resolved.get("minimum").and_then(Value::as_i64).or(flat.minimum);
        flat.maximum = resolved.get("maximum").and_then(Value::as_i64).or(flat.maximum);
        flat.default = resolved.get("default").cloned().or(flat.default.take());
        flat.read_only |= super::flag(resolved, "readOnly");
        flat.nullable |= super::flag(resolved, "nullable");
        flat.is_document |= super::flag(resolved, "x-document");
        Ok(())
    }
}
