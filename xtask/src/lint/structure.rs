//! The bones of a document: version, paths, operations, parameters, responses.

use serde_json::Value;

use super::Found;
use crate::document::join;
use crate::names::is_identifier;
use crate::openapi::{METHODS, entries, members, operations, text};

/// Members of a path item that are not operations.
const ITEM_KEYS: [&str; 4] = ["summary", "description", "parameters", "servers"];

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    let version = text(root, "openapi");
    if !version.starts_with("3.0.") {
        found.add(
            "/openapi",
            format!("the version is `{version}`, not 3.0"),
            "write the document as OpenAPI 3.0.3; no rule converts other versions",
        );
    }
    for key in ["title", "version"] {
        if root.get("info").is_none_or(|info| text(info, key).is_empty()) {
            found.add(
                &join("/info", key),
                format!("`info.{key}` is missing"),
                "name the API, and its version as the vendor does, in quotes",
            );
        }
    }
    if !root.get("paths").is_some_and(Value::is_object) {
        found.add("/paths", "there are no paths", "add `paths` with at least one operation");
    }
    for (path, item) in members(root, "paths") {
        check_path(found, path, item);
    }
    for operation in operations(root) {
        check_operation(found, &operation.pointer, operation.value);
    }
    for kind in ["parameters", "headers", "requestBodies", "responses", "schemas"] {
        let Some(components) = root.get("components").and_then(|all| all.get(kind)) else {
            continue;
        };
        let pointer = join("/components", kind);
        if !components.is_object() {
            found.add(&pointer, "is not an object", "write the components by their names");
        }
        for (name, component) in entries(components) {
            let pointer = join(&pointer, name);
            must_be_object(found, &pointer, component);
            if kind == "parameters" {
                check_parameter(found, &pointer, component);
            }
        }
    }
}

fn check_path(found: &mut Found<'_>, path: &str, item: &Value) {
    let pointer = join("/paths", path);
    if !path.starts_with('/') {
        found.add(
            &pointer,
            "the path does not start with `/`",
            "start it with `/`: without, its operations would be dropped",
        );
    }
    if path.contains(['?', '#']) {
        found.add(
            &pointer,
            "the path holds a query or a fragment",
            "declare the query as parameters; in a path it would be sent letter by letter",
        );
    }
    let strange = path.chars().any(|c| !c.is_ascii_graphic() || "\\\"<>^`|%".contains(c));
    let walks = path.split('/').skip(1).any(|word| matches!(word, "" | "." | ".."));
    if strange || (walks && path != "/") {
        found.add(
            &pointer,
            "the path holds an empty word, a dot word or a character that does not travel",
            "write the words as they are sent; values with other characters are parameters",
        );
    }
    if !item.is_object() {
        found.add(&pointer, "the path item is not an object", "write its operations below it");
    }
    for (key, _) in entries(item) {
        if key == "options" || key == "trace" {
            found.add(
                &join(&pointer, key),
                format!("`{key}` operations cannot be generated"),
                "leave the operation out",
            );
        } else if !METHODS.contains(&key) && !ITEM_KEYS.contains(&key) && !key.starts_with("x-") {
            found.add(
                &join(&pointer, key),
                format!("`{key}` is unknown in a path item"),
                "write operations under their method in lower case, and no `$ref`",
            );
        }
    }
    check_parameters(found, &join(&pointer, "parameters"), item.get("parameters"));
}

fn check_operation(found: &mut Found<'_>, pointer: &str, operation: &Value) {
    if !must_be_object(found, pointer, operation) {
        return;
    }
    let id = text(operation, "operationId");
    let snake = heck::ToSnakeCase::to_snake_case(id);
    if id.is_empty() || id != snake || !is_identifier(id) {
        found.add(
            &join(pointer, "operationId"),
            format!("the operation id `{id}` is not a method name"),
            "write it verb first in snake case, such as `get_twin`: it becomes the Rust method",
        );
    }
    check_parameters(found, &join(pointer, "parameters"), operation.get("parameters"));
    if let Some(body) = operation.get("requestBody") {
        must_be_object(found, &join(pointer, "requestBody"), body);
    }
    let responses = join(pointer, "responses");
    let none =
        operation.get("responses").and_then(Value::as_object).is_none_or(|all| all.is_empty());
    if none {
        found.add(&responses, "there are no responses", "declare every status the service answers");
    }
    for (status, response) in members(operation, "responses") {
        must_be_object(found, &join(&responses, status), response);
    }
}

fn check_parameters(found: &mut Found<'_>, pointer: &str, parameters: Option<&Value>) {
    let Some(parameters) = parameters else { return };
    let Some(parameters) = parameters.as_array() else {
        found.add(pointer, "the parameters are not a list", "write them as a list");
        return;
    };
    for (index, parameter) in parameters.iter().enumerate() {
        let pointer = join(pointer, &index.to_string());
        if must_be_object(found, &pointer, parameter) && parameter.get("$ref").is_none() {
            check_parameter(found, &pointer, parameter);
        }
    }
}

fn check_parameter(found: &mut Found<'_>, pointer: &str, parameter: &Value) {
    if text(parameter, "name").is_empty() {
        found.add(pointer, "the parameter has no name", "add `name`, as it is on the wire");
    }
    let place = text(parameter, "in");
    if !["path", "query", "header"].contains(&place) {
        found.add(
            &join(pointer, "in"),
            format!("a parameter in `{place}` cannot be generated"),
            "only `path`, `query` and `header` are covered by rules",
        );
    }
    if !parameter.get("schema").is_some_and(Value::is_object) {
        found.add(
            pointer,
            "the parameter has no schema",
            "describe its value with `schema`; `content` is not covered by a rule",
        );
    }
}

fn must_be_object(found: &mut Found<'_>, pointer: &str, value: &Value) -> bool {
    if !value.is_object() {
        found.add(pointer, "is not an object", "write its members below it, indented");
    }
    value.is_object()
}
