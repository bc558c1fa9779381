//! Components that come in kinds (`discriminator`) become enums of our own.
//!
//! progenitor reads the base only and loses the members of the kinds, and an
//! untagged enum takes the first kind that fits by chance. Ours goes by the
//! member that names the kind, and keeps a kind it does not know as it came.
//!
//! The enum writes that member, so the kinds lose it; and since only the enum
//! writes it, a reference to one kind becomes one to the enum.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Lowering, Rule, take};
use crate::names::pascal;
use crate::openapi::{entries, members, schema_reference, text};

pub const RULE: Rule = Rule { name: "kinds told apart", apply };

/// An enum of kinds to emit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    /// The type's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The member that names the kind.
    pub tag: String,
    /// The kinds, in the order of the document.
    pub kinds: Vec<Kind>,
}

/// One kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The value that names it.
    pub value: String,
    /// The variant's name.
    pub variant: String,
    /// The component with its members; none if it has no others.
    pub component: Option<String>,
    /// What it is.
    pub description: String,
}

/// The kinds of a component by the value that names them, as the document
/// lists them.
pub fn mapping(schema: &Value) -> Vec<(&str, &str)> {
    let discriminator = schema.get("discriminator").unwrap_or(&Value::Null);
    members(discriminator, "mapping")
        .filter_map(|(value, target)| {
            Some((value, target.as_str()?.strip_prefix("#/components/schemas/")?))
        })
        .collect()
}

/// The Rust path of the enum for a component.
fn path(module: &str, name: &str) -> String {
    format!("{module}::kinds::{}", pascal(name))
}

fn apply(lowering: &mut Lowering) -> usize {
    let mut found = Vec::new();
    // By component: the enum that stands for it.
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let components = lowering.root.get("components").unwrap_or(&Value::Null);
    let schemas = components.get("schemas").unwrap_or(&Value::Null);
    for (name, schema) in entries(schemas) {
        let mapping = mapping(schema);
        let tag = schema.pointer("/discriminator/propertyName").and_then(Value::as_str);
        let (Some(tag), false) = (tag, mapping.is_empty()) else { continue };
        let path = path(&lowering.module, name);
        paths.insert(name.to_owned(), path.clone());
        let kinds = mapping.into_iter().map(|(value, component)| {
            let own = schemas.get(component).unwrap_or(&Value::Null);
            let has_members = members(own, "properties").any(|(name, _)| name != tag);
            paths.insert(component.to_owned(), path.clone());
            Kind {
                value: value.to_owned(),
                variant: pascal(value),
                component: has_members.then(|| component.to_owned()),
                description: text(own, "description").to_owned(),
            }
        });
        found.push(Kinds {
            name: pascal(name),
            description: text(schema, "description").to_owned(),
            tag: tag.to_owned(),
            kinds: kinds.collect(),
        });
    }
    for kinds in &found {
        let components: Vec<_> =
            kinds.kinds.iter().filter_map(|kind| kind.component.clone()).collect();
        let path = path(&lowering.module, &kinds.name);
        drop_tag(&mut lowering.root, &components, &kinds.tag);
        lowering.behind.insert(path.clone(), components);
        lowering.types.insert(path);
    }
    let count = lowering.each_schema(&mut |schema| {
        let path = schema_reference(schema).and_then(|name| paths.get(name)).cloned();
        path.inspect(|path| super::replace(schema, path)).is_some()
    });
    lowering.kinds = found;
    count
}

/// Takes the member that names the kind out of the components of the kinds.
fn drop_tag(root: &mut Value, components: &[String], tag: &str) {
    for name in components {
        let pointer = crate::document::join("/components/schemas", name);
        let Some(schema) = root.pointer_mut(&pointer) else { continue };
        if let Some(properties) = schema.get_mut("properties") {
            take(properties, tag);
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str() != Some(tag));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_become_one_type_wherever_they_stand() {
        let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let kind = |members: Value| {
            json!({"type": "object", "description": "k",
            "required": ["type"], "properties": members})
        };
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {
                "Shape": {"type": "object", "description": "s", "discriminator": {
                    "propertyName": "type", "mapping": {
                        "round@v1": "#/components/schemas/Round",
                        "nothing": "#/components/schemas/Nothing",
                    }}},
                "Round": kind(json!({"type": {}, "radius": {}})),
                "Nothing": kind(json!({"type": {}})),
                "Page": {"properties": {
                    "value": {"type": "array", "items": refs("Shape")},
                    "first": {"description": "f", "allOf": [refs("Round")]},
                }},
            }}}),
            "crate::generated",
        );
        assert_eq!(apply(&mut lowering), 2);
        let schemas = &lowering.root["components"]["schemas"];
        let shape = json!({"type": "string", "format": "crate::generated::kinds::Shape"});
        assert_eq!(schemas["Page"]["properties"]["value"]["items"], shape);
        assert_eq!(schemas["Page"]["properties"]["first"]["allOf"][0], shape);
        assert_eq!(schemas["Round"]["properties"], json!({"radius": {}}));
        assert_eq!(schemas["Round"]["required"], json!([]));
        let found = &lowering.kinds[0];
        let variants = found.kinds.iter().map(|kind| (&*kind.variant, kind.component.as_deref()));
        assert_eq!(variants.collect::<Vec<_>>(), [("RoundV1", Some("Round")), ("Nothing", None)]);
        assert_eq!(lowering.behind["crate::generated::kinds::Shape"], ["Round"]);
    }
}
