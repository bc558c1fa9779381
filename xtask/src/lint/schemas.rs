//! Constructs of schemas that no lowering rule covers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Found;
use crate::document::join;
use crate::normalise::{closure, is_document};
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
    ("string", &["date-time"]),
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
    for key in ["oneOf", "anyOf", "not", "discriminator"] {
        if schema.get(key).is_some() {
            found.add(
                &join(pointer, key),
                format!("`{key}` is not covered by a rule"),
                "describe one shape, or write a rule that makes one type of several",
            );
        }
    }
    if schema.get("allOf").is_some() {
        let single = matches!(list(schema, "allOf"), [only] if schema_reference(only).is_some());
        if !single || schema.get("properties").is_some() {
            found.add(
                &join(pointer, "allOf"),
                "`allOf` is more than a description beside one reference",
                "write the members out; no rule merges schemas yet",
            );
        }
    }
}

fn object(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let declared: BTreeSet<_> = members(schema, "properties").map(|(name, _)| name).collect();
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
    if object && declared.is_empty() && additional.is_none() {
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
    let mut sent = Vec::new();
    for operation in crate::openapi::operations(root) {
        let schema = operation.body(root).map(|body| {
            members(body, "content").filter_map(|(_, content)| content.get("schema")).collect()
        });
        let schemas: Vec<&Value> = schema.unwrap_or_default();
        for schema in schemas {
            crate::openapi::walk_schema("", schema, &mut |_, inner| {
                sent.extend(schema_reference(inner).map(str::to_owned));
            });
        }
    }
    for name in closure(root, sent) {
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
