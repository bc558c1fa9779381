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

    /// How many examples it takes for every kind in a schema to occur, kinds
    /// within kinds included.
    #[must_use]
    pub fn turns(&self, schema: &Value) -> usize {
        self.turns_below(schema, 0).max(1)
    }

    fn turns_below(&self, schema: &Value, depth: usize) -> usize {
        let kinds = self.kinds(schema);
        if kinds.is_empty() {
            return self.turns_within(self.component(schema).unwrap_or(schema), depth);
        }
        let most = kinds.iter().map(|(_, kind)| self.turns_within(kind, depth)).max();
        kinds.len() * most.unwrap_or_default().max(1)
    }

    /// Of the members of a component, or of a schema that stands in place.
    fn turns_within(&self, component: &Value, depth: usize) -> usize {
        if depth > DEEPEST {
            return 0;
        }
        let properties = members(component, "properties").map(|(_, property)| property);
        let inner = ["items", "additionalProperties"];
        let inner = inner.into_iter().filter_map(|key| component.get(key));
        let bases = component.get("allOf").and_then(Value::as_array).into_iter().flatten();
        // A base of the component itself is not a place where kinds can stand.
        let bases = bases.filter(|base| self.kinds(base).is_empty());
        let below = properties.chain(inner).chain(bases);
        below.map(|it| self.turns_below(it, depth + 1)).max().unwrap_or_default()
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
            "B": {"allOf": [refs("Base")], "properties": {"more": refs("Inner")}},
            "Inner": {"discriminator": {"propertyName": "of", "mapping": {
                "c": "#/components/schemas/C", "d": "#/components/schemas/D",
                "e": "#/components/schemas/E",
            }}, "properties": {"of": {"type": "string"}}},
            "C": {"allOf": [refs("Inner")]},
            "D": {"allOf": [refs("Inner")]},
            "E": {"allOf": [refs("Inner")]},
            "Page": {"properties": {"value": {"type": "array", "items": refs("Base")}}},
        }}}));
        let described = json!({"description": "d", "allOf": [refs("Base")]});
        for schema in [refs("Base"), refs("Page"), described] {
            assert_eq!(document.turns(&schema), 6, "{schema}");
        }
        assert_eq!(document.turns(&refs("A")), 1);
        assert_eq!(document.turns(&refs("B")), 3);
        let a = document.root().pointer("/components/schemas/A").unwrap();
        assert_eq!(document.kind_of(a), Some(("type".to_owned(), "a".to_owned())));
        assert_eq!(document.kind_of(&json!({})), None);
    }
}
