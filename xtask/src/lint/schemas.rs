//! Constructs of schemas that no lowering rule covers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Found;
use crate::document::join;
use crate::normalise::{bases, closure, is_document, mapping, mentioned, merged};
use crate::openapi::{LIMITS, flag, list, members, schema_reference, text, texts, walk_schemas};

/// All that may stand in a schema, besides limits and extensions.
const KEYS: [&str; 22] = [
    "$ref",
    "type",
    "format",
    "description",
    "title",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "discriminator",
    "enum",
    "nullable",
    "readOnly",
    "writeOnly",
    "default",
    "example",
    "deprecated",
    "externalDocs",
];

/// The formats that the rules and the generator know, by type. Any other would
/// become plain text, or a type of a library that no client has.
const FORMATS: [(&str, &[&str]); 3] = [
    ("string", &["date-time", "date", "password"]),
    ("integer", &["int32", "int64"]),
    ("number", &["float", "double"]),
];

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    let mut problems = Vec::new();
    walk_schemas(root, &mut |pointer, schema| problems.push((pointer.to_owned(), schema)));
    for (pointer, schema) in problems {
        if !schema.is_object() {
            found.add(&pointer, "the schema is not an object", "write at least `{}`");
            continue;
        }
        keys(found, &pointer, schema);
        kind(found, &pointer, schema);
        format(found, &pointer, schema);
        combination(found, &pointer, schema);
        object(found, &pointer, schema);
        values(found, &pointer, schema);
    }
    read_only(found);
}

fn keys(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    for (key, _) in crate::openapi::entries(schema) {
        if !KEYS.contains(&key) && !LIMITS.contains(&key) && !key.starts_with("x-") {
            found.add(
                &join(pointer, key),
                format!("`{key}` is unknown in an OpenAPI 3.0 schema"),
                "remove it, or say it with what 3.0 has",
            );
        }
    }
}

fn kind(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let Some(kind) = schema.get("type") else { return };
    let place = join(pointer, "type");
    match kind.as_str() {
        Some("string" | "integer" | "number" | "boolean" | "object") => {}
        Some("array") => {
            if !schema.get("items").is_some_and(Value::is_object) {
                found.add(pointer, "the list does not say of what", "add `items`");
            }
        }
        Some(other) => found.add(
            &place,
            format!("the type `{other}` is unknown"),
            "use string, integer, number, boolean, object or array",
        ),
        None => found.add(
            &place,
            "the type is not one text",
            "name one type; null is said with `nullable: true` in OpenAPI 3.0",
        ),
    }
}

fn format(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let Some(format) = schema.get("format") else { return };
    let kind = text(schema, "type");
    let known = FORMATS.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, known)| *known);
    if format.as_str().is_some_and(|format| known.contains(&format)) {
        return;
    }
    // Where pictures stand, `operations` has looked.
    if format == "binary" && kind == "string" && pointer.contains("/content/image~1") {
        return;
    }
    let name = format.as_str().map_or_else(|| format.to_string(), str::to_owned);
    let all: Vec<_> =
        FORMATS.iter().map(|(kind, known)| format!("{kind}: {}", known.join(", "))).collect();
    found.add(
        &join(pointer, "format"),
        format!("the format `{name}` of `{kind}` is not covered by a rule"),
        format!("known are {}; leave it out, or write a rule for it", all.join("; ")),
    );
}

fn combination(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    for key in ["oneOf", "anyOf", "not"] {
        if schema.get(key).is_some() {
            found.add(
                &join(pointer, key),
                format!("`{key}` is not covered by a rule"),
                "describe one shape, or kinds told apart by a `discriminator`",
            );
        }
    }
    if schema.get("allOf").is_some() {
        let parts = list(schema, "allOf");
        let refer = !parts.is_empty() && parts.iter().all(|part| schema_reference(part).is_some());
        let lone = parts.len() == 1 && schema.get("properties").is_none();
        if !refer || !(lone || is_component(pointer)) {
            found.add(
                &join(pointer, "allOf"),
                "`allOf` is neither a description beside one reference nor a component's bases",
                "write the members out, or make it a component whose `allOf` refers to its bases",
            );
        }
    }
    if schema.get("discriminator").is_some() {
        kinds(found, pointer, schema);
    }
}

/// Whether a pointer is that of a component, not of something inside one.
fn is_component(pointer: &str) -> bool {
    pointer.strip_prefix("/components/schemas/").is_some_and(|name| !name.contains('/'))
}

/// What comes in kinds: each kind by its value, and each extends the base.
fn kinds(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let root = found.root;
    let place = join(pointer, "discriminator");
    let Some(base) = pointer.strip_prefix("/components/schemas/").filter(|_| is_component(pointer))
    else {
        found.add(&place, "what comes in kinds is not a component", "give it a name of its own");
        return;
    };
    let tag = schema.pointer("/discriminator/propertyName").and_then(Value::as_str);
    let whole = merged(root, schema);
    let is_text = |tag: &str| {
        let property = whole.get("properties").and_then(|properties| properties.get(tag));
        property.is_some_and(|property| text(property, "type") == "string")
    };
    if !tag.is_some_and(|tag| is_text(tag) && texts(&whole, "required").contains(&tag)) {
        found.add(
            &join(&place, "propertyName"),
            "the member that names the kind is not a required text",
            "declare it in the base, and require it",
        );
    }
    let mapping = mapping(schema);
    let listed = schema.pointer("/discriminator/mapping").and_then(Value::as_object);
    if mapping.is_empty() || listed.is_none_or(|listed| listed.len() != mapping.len()) {
        found.add(
            &join(&place, "mapping"),
            "the kinds are not listed",
            "write `value: \"#/components/schemas/Kind\"` for each",
        );
    }
    for (name, component) in members(root.get("components").unwrap_or(&Value::Null), "schemas") {
        let extends = bases(component).any(|one| one == base);
        let times = mapping.iter().filter(|(_, target)| *target == name).count();
        if times > 1 || extends != (times == 1) {
            found.add(
                &join(&place, "mapping"),
                format!("`{name}` extends the base without being one of its kinds, or the reverse"),
                "each kind has one value, and names the base in its `allOf`",
            );
        }
    }
    for (value, target) in &mapping {
        if root.pointer(&join("/components/schemas", target)).is_none() {
            found.add(
                &join(&join(&place, "mapping"), value),
                format!("there is no component `{target}`"),
                "correct the name",
            );
        }
    }
}

fn object(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let whole = if is_component(pointer) { merged(found.root, schema) } else { schema.clone() };
    let declared: BTreeSet<_> = members(&whole, "properties").map(|(name, _)| name).collect();
    for name in texts(schema, "required") {
        if !declared.contains(name) {
            found.add(
                &join(pointer, "required"),
                format!("`{name}` is required but not a property"),
                "correct the name, or declare the property",
            );
        }
    }
    let additional = schema.get("additionalProperties");
    let place = join(pointer, "additionalProperties");
    if additional == Some(&Value::Bool(false)) {
        found.add(
            &place,
            "the object is closed",
            "leave `additionalProperties` out: a member the service adds must not break decoding",
        );
    } else if additional.is_some() && !declared.is_empty() && !is_document(schema) {
        found.add(
            &place,
            "the object declares members and takes others",
            "mark it `x-document: true` to keep it as raw JSON; no rule keeps the others yet",
        );
    }
    let object = text(schema, "type") == "object";
    let extends = bases(schema).next().is_some();
    if object && declared.is_empty() && additional.is_none() && !extends {
        found.add(
            pointer,
            "the object declares no members",
            "declare them, or say `additionalProperties: true` if it may hold anything",
        );
    }
    if flag(schema, "x-document") && (!object || additional.is_none()) {
        found.add(
            &join(pointer, "x-document"),
            "what is marked as a document is not an open object",
            "`type: object` and `additionalProperties: true` belong to it",
        );
    }
}

fn values(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    if schema.get("enum").is_none() {
        return;
    }
    let place = join(pointer, "enum");
    let values = list(schema, "enum");
    if text(schema, "type") != "string" || values.is_empty() || !values.iter().all(Value::is_string)
    {
        found.add(
            &place,
            "the enum is not one of texts",
            "only `type: string` with texts in quotes is covered by a rule",
        );
    }
    if text(schema, "x-enum-name").is_empty() {
        found.add(pointer, "the enum has no name", "add `x-enum-name`, the name of the Rust type");
    }
}

/// A body cannot demand what only the service may set.
fn read_only(found: &mut Found<'_>) {
    let root = found.root;
    let nothing_behind = BTreeMap::new();
    let mut sent = Vec::new();
    for operation in crate::openapi::operations(root) {
        let schema = operation.body(root).map(|body| {
            members(body, "content").filter_map(|(_, content)| content.get("schema")).collect()
        });
        let schemas: Vec<&Value> = schema.unwrap_or_default();
        for schema in schemas {
            sent.extend(mentioned(schema, &nothing_behind));
        }
    }
    for name in closure(root, &nothing_behind, sent) {
        let pointer = join("/components/schemas", &name);
        let Some(schema) = root.pointer(&pointer) else { continue };
        let required = texts(schema, "required");
        for (property, value) in members(schema, "properties") {
            if flag(value, "readOnly") && required.contains(&property) {
                found.add(
                    &join(&join(&pointer, "properties"), property),
                    "the property is required in a request but only the service may set it",
                    "describe request and response as two schemas",
                );
            }
        }
    }
}
