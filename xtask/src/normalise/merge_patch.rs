//! The body of a merge patch (RFC 7396) becomes a type of its own, made from
//! the schema of what is patched.
//!
//! In a patch a member is absent, null or a value, and these mean three
//! different things; typify knows two. So each member may be left out, none is
//! read-only, and objects inside are patches themselves, while lists are
//! replaced as a whole. A component that comes in kinds gives one patch with
//! the members of all kinds; one of which kinds think differently takes any
//! value. Open documents stay documents: the caller writes what is to change.
//!
//! Two steps: components are made here, so that the other rules lower their
//! members; [`collect`] takes them out again, for our own emitter.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::inherit::merged;
use super::kinds::mapping;
use super::{Lowering, Rule, is_document, put};
use crate::document::join;
use crate::names::pascal;
use crate::openapi::{entries, flag, list, members, schema_reference, text};

pub const RULE: Rule = Rule { name: "merge patches made", apply };
/// The second step.
pub const COLLECT: Rule = Rule { name: "merge patches taken out", apply: collect };

/// The media type of merge patches (RFC 7396, section 4).
pub const MEDIA_TYPE: &str = "application/merge-patch+json";

/// Marks the components that are patches, between the two steps.
const MARK: &str = "x-patch";

/// Whether a body is a merge patch although its media type does not say so
/// (`x-merge-patch`).
pub fn is_marked(body: &Value) -> bool {
    flag(body, "x-merge-patch")
}

/// The name of the patch of a component. What describes changes only is itself
/// named after them.
fn patch_name(component: &str) -> String {
    let name = pascal(component);
    format!("{}Patch", name.strip_suffix("Update").unwrap_or(&name))
}

/// A patch type to emit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The type's name.
    pub name: String,
    /// What it patches.
    pub description: String,
    /// By name on the wire: the lowered schemas of the members.
    pub members: Vec<(String, Value)>,
}

fn apply(lowering: &mut Lowering) -> usize {
    let original = lowering.root.clone();
    let mut made = BTreeMap::new();
    lowering.each_operation(&mut |operation| {
        let Some(body) = operation.get_mut("requestBody") else { return };
        let marked = is_marked(body);
        let content = body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
        let schema = content
            .filter(|(media_type, _)| marked || *media_type == MEDIA_TYPE)
            .find_map(|(_, content)| content.get_mut("schema"));
        if let Some(schema) = schema {
            *schema = patched(&original, schema, &mut made);
        }
    });
    let count = made.len();
    let schemas = lowering.root.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        schemas.extend(made);
    }
    count
}

/// The schema of a patch of what `schema` describes.
fn patched(root: &Value, schema: &Value, made: &mut BTreeMap<String, Value>) -> Value {
    let lone = || match list(schema, "allOf") {
        [only] => schema_reference(only),
        _ => None,
    };
    let Some(name) = schema_reference(schema).or_else(lone) else {
        let mut whole = schema.clone();
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object())
            && schema.get("properties").is_none()
        {
            put(&mut whole, "additionalProperties", patched(root, values, made));
        }
        return whole;
    };
    let target = root.pointer(&join("/components/schemas", name)).unwrap_or(&Value::Null);
    let whole = merged(root, target);
    if whole.get("properties").is_none() || is_document(&whole) {
        return schema.clone();
    }
    let patch = patch_name(name);
    if !made.contains_key(&patch) {
        // Holds the place: a component may hold itself.
        made.insert(patch.clone(), Value::Null);
        let component = component(root, &whole, made);
        made.insert(patch.clone(), component);
    }
    let reference = json!({"$ref": format!("#/components/schemas/{patch}")});
    match schema.get("description") {
        Some(description) => json!({"description": description, "allOf": [reference]}),
        None => reference,
    }
}

fn component(root: &Value, whole: &Value, made: &mut BTreeMap<String, Value>) -> Value {
    let mut all: Vec<(String, Value)> = Vec::new();
    let kinds = mapping(whole).into_iter().filter_map(|(_, name)| {
        let kind = root.pointer(&join("/components/schemas", name))?;
        Some(merged(root, kind))
    });
    for shape in [whole.clone()].into_iter().chain(kinds) {
        for (name, property) in members(&shape, "properties") {
            if flag(property, "readOnly") {
                continue;
            }
            match all.iter_mut().find(|(known, _)| known == name) {
                None => all.push((name.to_owned(), property.clone())),
                Some((_, known)) if type_of(known) == type_of(property) => {}
                Some((_, known)) => *known = json!({"description": text(known, "description")}),
            }
        }
    }
    let properties: Map<String, Value> =
        all.into_iter().map(|(name, property)| (name, patched(root, &property, made))).collect();
    json!({
        "type": "object",
        "description": text(whole, "description"),
        "properties": properties,
        MARK: true,
    })
}

/// A schema without what is only said of it.
fn type_of(schema: &Value) -> Vec<(&str, &Value)> {
    entries(schema).filter(|(key, _)| *key != "description").collect()
}

fn collect(lowering: &mut Lowering) -> usize {
    let mut patches = Vec::new();
    let schemas = lowering.root.pointer_mut("/components/schemas");
    if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
        schemas.retain(|name, schema| {
            let is_patch = flag(schema, MARK);
            if is_patch {
                patches.push(Patch {
                    name: name.clone(),
                    description: text(schema, "description").to_owned(),
                    members: members(schema, "properties")
                        .map(|(name, property)| (name.to_owned(), property.clone()))
                        .collect(),
                });
            }
            !is_patch
        });
    }
    let path = |name: &str| format!("{}::patches::{name}", lowering.module);
    let paths: BTreeMap<String, String> =
        patches.iter().map(|patch| (patch.name.clone(), path(&patch.name))).collect();
    let mut change = |schema: &mut Value| {
        let path = schema_reference(schema).and_then(|name| paths.get(name)).cloned();
        path.inspect(|path| super::replace(schema, path)).is_some()
    };
    for (_, member) in patches.iter_mut().flat_map(|patch| &mut patch.members) {
        super::each_inner(member, &mut |schema| {
            change(schema);
        });
        super::lone::unwrap(member, &|path| paths.values().any(|known| known == path));
    }
    lowering.each_schema(&mut change);
    lowering.types.extend(paths.values().cloned());
    for patch in &patches {
        let mut mentioned = Vec::new();
        for (_, member) in &patch.members {
            mentioned.extend(super::components::mentioned(member, &lowering.behind));
        }
        // What is behind patches inside is found by way of these themselves.
        if let Some(path) = paths.get(&patch.name) {
            lowering.behind.insert(path.clone(), mentioned);
        }
    }
    let count = patches.len();
    lowering.patches = patches;
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refs(name: &str) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn lowered(schemas: Value) -> Lowering {
        let mut lowering = Lowering::new(
            json!({
                "paths": {"/a": {"patch": {"requestBody": {"content": {
                    MEDIA_TYPE: {"schema": refs("Thing")},
                }}}}},
                "components": {"schemas": schemas},
            }),
            "crate::generated",
        );
        apply(&mut lowering);
        lowering
    }

    #[test]
    fn every_member_but_read_only_ones_can_be_changed() {
        let mut lowering = lowered(json!({
            "Thing": {"description": "d", "required": ["name"], "properties": {
                "id": {"type": "string", "readOnly": true},
                "name": {"type": "string"},
                "part": {"description": "p", "allOf": [refs("Part")]},
                "parts": {"type": "array", "items": refs("Part")},
                "named": {"type": "object", "additionalProperties": refs("Part")},
                "free": refs("Free"),
            }},
            "Part": {"properties": {"size": {"type": "integer"}}},
            "Free": {"type": "object", "additionalProperties": true},
        }));
        let body = "/paths/~1a/patch/requestBody/content/application~1merge-patch+json/schema";
        assert_eq!(lowering.root.pointer(body), Some(&refs("ThingPatch")));
        assert_eq!(collect(&mut lowering), 2);
        let stand_in = |name: &str| json!({"type": "string", "format": format!("crate::generated::patches::{name}")});
        assert_eq!(lowering.root.pointer(body), Some(&stand_in("ThingPatch")));
        let thing = lowering.patches.iter().find(|patch| patch.name == "ThingPatch").unwrap();
        let members: BTreeMap<_, _> = thing.members.iter().cloned().collect();
        assert!(!members.contains_key("id"));
        assert_eq!(members["part"]["format"], stand_in("PartPatch")["format"]);
        assert_eq!(members["parts"]["items"], refs("Part"));
        assert_eq!(members["named"]["additionalProperties"], stand_in("PartPatch"));
        assert_eq!(members["free"], refs("Free"));
        assert!(lowering.root["components"]["schemas"].get("ThingPatch").is_none());
        assert_eq!(lowering.behind["crate::generated::patches::ThingPatch"], ["Part", "Free"]);
    }

    #[test]
    fn kinds_are_patched_by_the_members_of_all() {
        let mut lowering = lowered(json!({
            "Thing": {"discriminator": {"propertyName": "type", "mapping": {
                "a": "#/components/schemas/A", "b": "#/components/schemas/B",
            }}, "properties": {"type": {"type": "string"}}},
            "A": {"allOf": [refs("Thing")], "properties": {
                "same": {"type": "string", "description": "1"}, "other": {"type": "string"},
            }},
            "B": {"allOf": [refs("Thing")], "properties": {
                "same": {"type": "string", "description": "2"}, "other": {"type": "integer"},
            }},
        }));
        collect(&mut lowering);
        let members: Vec<_> = lowering.patches[0].members.clone();
        assert_eq!(
            members,
            [
                ("type".to_owned(), json!({"type": "string"})),
                ("same".to_owned(), json!({"type": "string", "description": "1"})),
                ("other".to_owned(), json!({"description": ""})),
            ],
        );
    }
}
