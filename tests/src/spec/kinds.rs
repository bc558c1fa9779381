//! Schemas that come in kinds: a base with a `discriminator`, and components
//! that extend it.

use serde_json::Value;

use super::{Document, members, text};

/// Schemas are followed this deep; deeper is a circle.
const DEEPEST: usize = 12;

impl Document {
    /// The component that a schema is, behind references and behind an `allOf`
    /// that only adds a description to one.
    pub(super) fn component<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        let schema = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) if schema.get("properties").is_none() => only,
            _ => schema,
        };
        let component = self.resolve(schema).ok()?;
        (!std::ptr::eq(component, schema)).then_some(component)
    }

    /// The kinds of a base: values, each with the schema of its kind.
    pub(super) fn kinds<'a>(&'a self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let Some(base) = self.component(schema) else { return Vec::new() };
        let mapping = base.get("discriminator").into_iter().flat_map(|it| members(it, "mapping"));
        mapping
            .filter_map(|(value, target)| {
                let kind = self.root.pointer(target.as_str()?.strip_prefix('#')?)?;
                Some((value.as_str(), kind))
            })
            .collect()
    }

    /// The member and the value that name the kind which a component is.
    pub(super) fn kind_of(&self, kind: &Value) -> Option<(String, String)> {
        let components = self.root.get("components")?.as_object()?;
        for base in components.values().filter_map(Value::as_object).flat_map(|it| it.values()) {
            let Some(discriminator) = base.get("discriminator") else { continue };
            for (value, target) in members(discriminator, "mapping") {
                let pointer = target.as_str().and_then(|it| it.strip_prefix('#'));
                let found = pointer.and_then(|pointer| self.root.pointer(pointer));
                if found.is_some_and(|found| std::ptr::eq(found, kind)) {
                    return Some((text(discriminator, "propertyName")?.to_owned(), value.clone()));
                }
            }
        }
        None
    }

    /// How many examples it takes for every kind in a schema to occur.
    #[must_use]
    pub fn turns(&self, schema: &Value) -> usize {
        self.turns_below(schema, 0).max(1)
    }

    fn turns_below(&self, schema: &Value, depth: usize) -> usize {
        if depth > DEEPEST {
            return 0;
        }
        let kinds = self.kinds(schema);
        let resolved = self.component(schema).unwrap_or(schema);
        let properties = members(resolved, "properties").map(|(_, property)| property);
        let inner = ["items", "additionalProperties"];
        let inner = inner.into_iter().filter_map(|key| resolved.get(key));
        let bases = resolved.get("allOf").and_then(Value::as_array).into_iter().flatten();
        // A base of the schema itself is not a place where kinds can stand.
        let bases = bases.filter(|base| self.kinds(base).is_empty());
        let below = kinds.iter().map(|(_, kind)| *kind).chain(properties).chain(inner).chain(bases);
        let most = below.map(|it| self.turns_below(it, depth + 1)).max();
        kinds.len().max(most.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_found_wherever_they_stand() {
        let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let document = Document::from_value(json!({"components": {"schemas": {
            "Base": {"discriminator": {"propertyName": "type", "mapping": {
                "a": "#/components/schemas/A", "b": "#/components/schemas/B",
            }}, "properties": {"type": {"type": "string"}}},
            "A": {"allOf": [refs("Base")]},
            "B": {"allOf": [refs("Base")], "properties": {"more": refs("Base")}},
            "Page": {"properties": {"value": {"type": "array", "items": refs("Base")}}},
        }}}));
        let described = json!({"description": "d", "allOf": [refs("Base")]});
        for schema in [refs("Base"), refs("Page"), described] {
            assert_eq!(document.turns(&schema), 2, "{schema}");
        }
        assert_eq!(document.turns(&refs("A")), 1);
        let a = document.root().pointer("/components/schemas/A").unwrap();
        assert_eq!(document.kind_of(a), Some(("type".to_owned(), "a".to_owned())));
        assert_eq!(document.kind_of(&json!({})), None);
    }
}
