//! Extensions: each known, in its place, of its form, and saying something
//! that the document bears out.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;
use super::references::components;
use crate::document::join;
use crate::names::is_identifier;
use crate::normalise::{PREFER, is_document, is_json};
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
        page(found, operation);
        representation(found, operation);
        wait(found, operation, &all);
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

fn page(found: &mut Found<'_>, operation: &Operation<'_>) {
    let Some(page) = operation.value.get("x-page") else { return };
    let place = join(&operation.pointer, "x-page");
    let kind = text(page, "kind");
    if !["next-link", "links-next", "body-token"].contains(&kind) {
        found.add(
            &join(&place, "kind"),
            format!("the paging kind `{kind}` is not covered"),
            "next-link, links-next and body-token are; others come with the specs that need them",
        );
        return;
    }
    only(found, &place, page, &["kind", "items", "next", "send", "end", "ceiling", "first"]);
    let root = found.root;
    if page.get("end").is_some_and(|end| end != "short-page") {
        found.add(
            &join(&place, "end"),
            "the end of the list is not covered",
            "leave it out where the last page leads nowhere; else write `short-page`",
        );
    }
    if let Some(ceiling) = page.get("ceiling") {
        let place = join(&place, "ceiling");
        only(found, &place, ceiling, &["header", "default"]);
        if text(ceiling, "header").is_empty() || !ceiling.get("default").is_some_and(Value::is_u64)
        {
            found.add(
                &place,
                "the ceiling of the list is not whole",
                "name the `header` that tells it, and the `default` that holds without one",
            );
        }
    }
    if let Some(first) = page.get("first") {
        let parameters = operation.parameters(root);
        let known = |name: &str| {
            parameters.iter().any(|(_, parameter)| {
                let integer = parameter.pointer("/schema/type").and_then(Value::as_str);
                text(parameter, "name") == name && integer == Some("integer")
            })
        };
        let fits = entries(first).all(|(name, value)| known(name) && value.is_i64());
        if !fits || entries(first).count() != 1 {
            found.add(
                &join(&place, "first"),
                "this is not one query parameter of the operation with a whole number",
                "name the parameter that the first page needs, such as `$top: 100`",
            );
        }
    }
    let Some(schema) = success_schema(root, operation) else {
        found.add(&place, "the response of a list is not a component", "refer to a schema");
        return;
    };
    let property = |name: &str| {
        schema.get("properties").and_then(|properties| properties.get(name)).unwrap_or(&Value::Null)
    };
    let items = text(page, "items");
    if text(property(items), "type") != "array" || !texts(schema, "required").contains(&items) {
        found.add(
            &join(&place, "items"),
            format!("`{items}` is not a required list of the response"),
            "name the member that holds the items",
        );
    }
    let next = text(page, "next");
    if kind == "links-next" {
        let href = linked(root, property(next), "next").and_then(|link| linked(root, link, "href"));
        if href.is_none_or(|href| text(href, "type") != "string") {
            found.add(
                &join(&place, "next"),
                format!("`{next}` of the response does not lead to `next.href`, a text"),
                "name the member that holds the links",
            );
        }
    } else if text(property(next), "type") != "string" || texts(schema, "required").contains(&next)
    {
        found.add(
            &join(&place, "next"),
            format!("`{next}` is not an optional text of the response"),
            "name the member that holds the link or the token",
        );
    }
    if kind == "body-token" {
        let body = operation.body(root).and_then(|body| {
            let (_, content) = members(body, "content").next()?;
            resolve(root, content.get("schema")?).ok()
        });
        let send = text(page, "send");
        if body.and_then(|body| body.get("properties")?.get(send)).is_none() {
            found.add(
                &join(&place, "send"),
                format!("`{send}` is not a member of the request body"),
                "name the member that takes the token",
            );
        }
    } else if page.get("send").is_some() {
        found.add(&join(&place, "send"), "a next link is not sent in a body", "remove `send`");
    }
}

/// A member of what a schema, or the one that it refers to, describes.
fn linked<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let schema = list(schema, "allOf").first().unwrap_or(schema);
    resolve(root, schema).ok()?.get("properties")?.get(name)
}

/// Two answers to choose from need the header that chooses, and two components.
fn representation(found: &mut Found<'_>, operation: &Operation<'_>) {
    let Some(mark) = operation.value.get("x-representation") else { return };
    let place = join(&operation.pointer, "x-representation");
    let root = found.root;
    let pointer = mark.as_str().and_then(|text| text.strip_prefix('#')).unwrap_or_default();
    if !pointer.starts_with("/components/schemas/") || root.pointer(pointer).is_none() {
        found.add(
            &place,
            "the larger answer is no component",
            "write `\"#/components/schemas/Name\"`",
        );
    }
    let chooses = operation.parameters(root).into_iter().any(|(_, parameter)| {
        text(parameter, "name") == PREFER && text(parameter, "in") == "header"
    });
    if !chooses {
        found.add(
            &place,
            format!("nothing chooses the answer: there is no header `{PREFER}`"),
            "declare it as a parameter",
        );
    }
    let responses = operation.responses(root);
    let component = responses
        .iter()
        .filter(|(status, _)| success_status(status).is_some())
        .flat_map(|(_, response)| members(response, "content"))
        .all(|(_, content)| content.get("schema").is_some_and(|it| it.get("$ref").is_some()));
    if !component {
        found.add(&place, "the smaller answer is no component", "refer to a schema");
    }
}

fn wait(found: &mut Found<'_>, operation: &Operation<'_>, all: &[Operation<'_>]) {
    let Some(wait) = operation.value.get("x-wait") else { return };
    let place = join(&operation.pointer, "x-wait");
    only(found, &place, wait, &["status-operation", "status-field", "succeeded", "failed"]);
    let id = text(wait, "status-operation");
    let root = found.root;
    let Some(status) = all.iter().find(|operation| operation.id() == id) else {
        found.add(
            &join(&place, "status-operation"),
            format!("there is no operation `{id}`"),
            "name the operation that tells the state",
        );
        return;
    };
    let field = text(wait, "status-field");
    // A dot leads into what is inside: `export.status`.
    let schema = field
        .split('.')
        .try_fold(success_schema(root, status).unwrap_or(&Value::Null), |schema, name| {
            linked(root, schema, name)
        })
        .unwrap_or(&Value::Null);
    if text(schema, "type") != "string" {
        found.add(
            &join(&place, "status-field"),
            format!("`{id}` does not answer with a text `{field}`"),
            "name the member that holds the state",
        );
    }
    let known = texts(schema, "enum");
    for key in ["succeeded", "failed"] {
        let states = texts(wait, key);
        let unknown = states.iter().find(|state| !known.is_empty() && !known.contains(state));
        if states.is_empty() || unknown.is_some() {
            found.add(
                &join(&place, key),
                format!("`{key}` does not list states of `{field}`"),
                format!("choose from: {}", known.join(", ")),
            );
        }
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

/// The schema of what an operation answers when it succeeds.
fn success_schema<'a>(root: &'a Value, operation: &Operation<'a>) -> Option<&'a Value> {
    let responses = operation.responses(root);
    let (_, response) =
        responses.into_iter().find(|(status, _)| success_status(status).is_some())?;
    let (_, content) = members(response, "content").next()?;
    let schema = content.get("schema").filter(|schema| !flag(schema, "x-document"))?;
    resolve(root, schema).ok()
}
