//! Extensions: each known, in its place, of its form, and saying something
//! that the document bears out. Those that say how an operation behaves have files
//! of their own.

mod page;
mod representation;
mod wait;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;
use super::references::components;
use crate::document::join;
use crate::names::is_identifier;
use crate::normalise::{is_document, is_json};
use crate::openapi::{
    Operation, entries, flag, list, members, operations, resolve, success_status, text, texts,
    walk_schemas,
};

const DOCUMENT: [&str; 3] = ["x-accept", "x-served", "x-keep-members"];
const OPERATION: [&str; 8] = [
    "x-vendor-id",
    "x-page",
    "x-representation",
    "x-wait",
    "x-idempotent",
    "x-retry-500",
    "x-answer-seconds",
    "x-unverified",
];
const PARAMETER: [&str; 3] = ["x-const", "x-id-type", "x-unverified"];
const RESPONSE: [&str; 2] = ["x-error-codes", "x-unverified"];
const SCHEMA: [&str; 7] = [
    "x-document",
    "x-document-type",
    "x-enum-name",
    "x-enum-names",
    "x-open-enum",
    "x-id-type",
    "x-unverified",
];

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    let mut vendor_ids = BTreeMap::new();
    let all = operations(root);
    for operation in &all {
        known(found, &operation.pointer, operation.value, &OPERATION, "an operation");
        vendor_id(found, operation, &mut vendor_ids);
        for key in ["x-idempotent", "x-retry-500"] {
            must_be(
                found,
                &operation.pointer,
                operation.value,
                key,
                Value::is_boolean,
                "true or false",
            );
        }
        must_be(
            found,
            &operation.pointer,
            operation.value,
            "x-answer-seconds",
            |value| value.as_u64().is_some_and(|seconds| (1..=3600).contains(&seconds)),
            "a whole number of seconds, up to an hour",
        );
        page::check(found, operation);
        representation::check(found, operation);
        wait::check(found, operation, &all);
        for (pointer, parameter) in operation.parameters(root) {
            known(found, &pointer, parameter, &PARAMETER, "a parameter");
            id_type(found, &pointer, parameter);
            must_be(found, &pointer, parameter, "x-const", Value::is_string, "a text in quotes");
            if text(parameter, "name") == "api-version" && parameter.get("x-const").is_none() {
                found.add(
                    &pointer,
                    "`api-version` has no value",
                    "add `x-const` with the version this document describes, in quotes",
                );
            }
        }
        for (status, response) in operation.responses(root) {
            let pointer = join(&join(&operation.pointer, "responses"), status);
            known(found, &pointer, response, &RESPONSE, "a response");
            let codes = list(response, "x-error-codes");
            if !codes.iter().all(Value::is_string)
                || (!codes.is_empty() && success_status(status).is_some())
            {
                found.add(
                    &join(&pointer, "x-error-codes"),
                    "error codes are texts, and belong to errors",
                    "list the codes of this status as texts",
                );
            }
        }
    }
    elsewhere(found);
    let mut schemas = Vec::new();
    walk_schemas(root, &mut |pointer, schema| schemas.push((pointer.to_owned(), schema)));
    for (pointer, schema) in schemas {
        known(found, &pointer, schema, &SCHEMA, "a schema");
        id_type(found, &pointer, schema);
        open_enum(found, &pointer, schema);
        document_type(found, &pointer, schema);
        must_be(found, &pointer, schema, "x-document", Value::is_boolean, "true or false");
    }
}

/// The places that have no extensions of their own.
fn elsewhere(found: &mut Found<'_>) {
    let root = found.root;
    known(found, "", root, &DOCUMENT, "the document");
    must_be(
        found,
        "",
        root,
        "x-accept",
        |value| value.as_str().is_some_and(is_json),
        "a media type of JSON",
    );
    if let Some(served) = root.get("x-served") {
        only(found, "/x-served", served, &["header", "value"]);
        for key in ["header", "value"] {
            if text(served, key).is_empty() {
                found.add(
                    &join("/x-served", key),
                    format!("`{key}` is missing"),
                    "name the response header, and its value where this version answers",
                );
            }
        }
    }
    known(found, "/info", root.get("info").unwrap_or(&Value::Null), &[], "`info`");
    for (index, tag) in list(root, "tags").iter().enumerate() {
        known(found, &join("/tags", &index.to_string()), tag, &[], "a tag");
    }
    for (path, item) in members(root, "paths") {
        known(found, &join("/paths", path), item, &[], "a path item");
    }
    for (pointer, header) in components(root, "headers") {
        known(found, &pointer, header, &["x-unverified"], "a header");
    }
    for operation in operations(root) {
        if let Some(body) = operation.body(root) {
            let pointer = join(&operation.pointer, "requestBody");
            known(found, &pointer, body, &["x-merge-patch"], "a request body");
            must_be(found, &pointer, body, "x-merge-patch", Value::is_boolean, "true or false");
        }
    }
}

fn known(found: &mut Found<'_>, pointer: &str, value: &Value, keys: &[&str], place: &str) {
    for (key, _) in entries(value) {
        if key.starts_with("x-") && !keys.contains(&key) {
            found.add(
                &join(pointer, key),
                format!("`{key}` is unknown in {place}"),
                if keys.is_empty() {
                    "remove it: none is known there".to_owned()
                } else {
                    format!("known there: {}", keys.join(", "))
                },
            );
        }
    }
    must_be(found, pointer, value, "x-unverified", Value::is_string, "a text: what is inferred");
}

fn must_be(
    found: &mut Found<'_>,
    pointer: &str,
    value: &Value,
    key: &str,
    right: fn(&Value) -> bool,
    form: &str,
) {
    if value.get(key).is_some_and(|member| !right(member)) {
        found.add(&join(pointer, key), format!("`{key}` is not {form}"), format!("write {form}"));
    }
}

fn vendor_id(
    found: &mut Found<'_>,
    operation: &Operation<'_>,
    seen: &mut BTreeMap<String, String>,
) {
    let id = text(operation.value, "x-vendor-id");
    let place = join(&operation.pointer, "x-vendor-id");
    if id.is_empty() {
        found.add(
            &place,
            "the vendor's operation id is missing",
            "add `x-vendor-id`: drift checks and documentation name the operation by it",
        );
    } else if let Some(other) = seen.get(id) {
        found.add(
            &place,
            format!("the vendor's operation id `{id}` stands at {other}, too"),
            "correct one of them",
        );
    } else {
        seen.insert(id.to_owned(), place);
    }
}

fn id_type(found: &mut Found<'_>, pointer: &str, value: &Value) {
    let Some(mark) = value.get("x-id-type") else { return };
    let place = join(pointer, "x-id-type");
    let schema = value.get("schema").unwrap_or(value);
    let name = mark.as_str().unwrap_or_default();
    if !is_identifier(name) || !name.starts_with(char::is_uppercase) {
        found.add(&place, "the id type is not a type name", "name a type of the client's `ids.rs`");
    } else if text(schema, "type") != "string" {
        found.add(&place, "the id is not a text", "ids are `type: string`");
    }
}

fn document_type(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    let Some(mark) = schema.get("x-document-type") else { return };
    let place = join(pointer, "x-document-type");
    let name = mark.as_str().unwrap_or_default();
    if !is_identifier(name) || !name.starts_with(char::is_uppercase) {
        found.add(
            &place,
            "the document's type is not a type name",
            "name a type of the client that becomes a `Json`",
        );
    } else if !is_document(schema) {
        found.add(&place, "what has a type is not a document", "mark it `x-document: true`");
    }
}

fn open_enum(found: &mut Found<'_>, pointer: &str, schema: &Value) {
    if let Some(names) = schema.get("x-enum-names") {
        let values = texts(schema, "enum");
        for (value, name) in entries(names) {
            if !values.contains(&value) || !name.as_str().is_some_and(is_identifier) {
                found.add(
                    &join(&join(pointer, "x-enum-names"), value),
                    "this names no value of the enum, or not by a variant's name",
                    "write `value: VariantName` for values of the enum",
                );
            }
        }
    }
    let Some(open) = schema.get("x-open-enum") else { return };
    let argued = !text(open, "closed").is_empty();
    if open != &Value::Bool(true) && !argued {
        found.add(
            &join(pointer, "x-open-enum"),
            "an enum is open unless argued otherwise",
            "leave it out, or write `closed: <why no value can ever be added>` below it",
        );
    }
}

fn only(found: &mut Found<'_>, pointer: &str, value: &Value, keys: &[&str]) {
    for (key, _) in entries(value) {
        if !keys.contains(&key) {
            found.add(
                &join(pointer, key),
                format!("`{key}` is unknown here"),
                format!("known: {}", keys.join(", ")),
            );
        }
    }
}

/// A member of what a schema, or the one that it refers to, describes.
fn linked<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let schema = list(schema, "allOf").first().unwrap_or(schema);
    resolve(root, schema).ok()?.get("properties")?.get(name)
}

/// The schema of what an operation answers when it succeeds.
fn success_schema<'a>(root: &'a Value, operation: &Operation<'a>) -> Option<&'a Value> {
    let responses = operation.responses(root);
    let (_, response) =
        responses.into_iter().find(|(status, _)| success_status(status).is_some())?;
    let (_, content) = members(response, "content").next()?;
    let schema = content.get("schema").filter(|schema| !flag(schema, "x-document"))?;
    resolve(root, schema).ok()
}
