//! Constructs of operations that no lowering rule covers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Found;
use crate::document::join;
use crate::normalise::{is_image, is_json, merge_patch};
use crate::openapi::{
    Operation, flag, is_answer, members, operations, resolve, schema_reference, text,
};

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    for operation in operations(root) {
        path_parameters(found, &operation);
        for (pointer, parameter) in operation.parameters(root) {
            check_parameter(found, &pointer, parameter);
        }
        body(found, &operation);
        responses(found, &operation);
    }
}

/// Placeholders and path parameters must be the same.
fn path_parameters(found: &mut Found<'_>, operation: &Operation<'_>) {
    let declared: BTreeSet<String> = operation
        .parameters(found.root)
        .iter()
        .filter(|(_, parameter)| text(parameter, "in") == "path")
        .map(|(_, parameter)| text(parameter, "name").to_owned())
        .collect();
    let placeholders = placeholders(operation.path);
    for name in placeholders.difference(&declared) {
        found.add(
            &operation.pointer,
            format!("`{{{name}}}` of the path is not declared"),
            "declare it as a required parameter in `path`",
        );
    }
    for name in declared.difference(&placeholders) {
        found.add(
            &operation.pointer,
            format!("the path has no `{{{name}}}`"),
            "remove the path parameter, or name it in the path",
        );
    }
}

fn placeholders(path: &str) -> BTreeSet<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn check_parameter(found: &mut Found<'_>, pointer: &str, parameter: &Value) {
    let place = text(parameter, "in");
    let name = text(parameter, "name");
    let required = flag(parameter, "required");
    if place == "path" && !required {
        found.add(
            pointer,
            format!("the path parameter `{name}` is not required"),
            "add `required: true`; a path without it is another path",
        );
    }
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    let schema = resolve(found.root, schema).unwrap_or(schema);
    let list = text(schema, "type") == "array";
    if text(schema, "type") == "object" {
        found.add(
            pointer,
            format!("the parameter `{name}` is an object"),
            "declare its members as parameters of their own",
        );
    }
    if list && place != "query" {
        found.add(
            pointer,
            format!("the {place} parameter `{name}` is a list"),
            "declare it as text; no rule joins lists outside the query",
        );
    }
    let style = text(parameter, "style");
    let usual = match place {
        "query" => "form",
        _ => "simple",
    };
    if !style.is_empty() && style != usual {
        found.add(
            &join(pointer, "style"),
            format!("the style `{style}` of `{name}` is not covered by a rule"),
            format!("only `{usual}` is, which is the default"),
        );
    }
    if list && parameter.get("explode").and_then(Value::as_bool) == Some(false) {
        found.add(
            &join(pointer, "explode"),
            format!("the list `{name}` is joined into one value"),
            "no rule joins lists yet: write one, or say `explode: true` if the key is repeated",
        );
    }
    for reserved in ["Accept", "Content-Type", "Authorization"] {
        if place == "header" && name.eq_ignore_ascii_case(reserved) {
            found.add(
                pointer,
                format!("`{reserved}` is declared as a parameter"),
                "leave it out: media types come from `content`, tokens from `security`",
            );
        }
    }
}

fn body(found: &mut Found<'_>, operation: &Operation<'_>) {
    let Some(body) = operation.body(found.root) else { return };
    let pointer = join(&operation.pointer, "requestBody");
    if !flag(body, "required") {
        found.add(
            &pointer,
            "the body is optional",
            "say `required: true`, or describe two operations; an optional body cannot be generated",
        );
    }
    if ["get", "head"].contains(&operation.method) {
        found.add(
            &pointer,
            format!("a {} has a body", operation.method.to_uppercase()),
            "servers and proxies drop it; describe it as parameters",
        );
    }
    content(found, &join(&pointer, "content"), body, true);
}

fn responses(found: &mut Found<'_>, operation: &Operation<'_>) {
    let pointer = join(&operation.pointer, "responses");
    let mut first: Option<(&str, Option<&Value>)> = None;
    for (status, response) in operation.responses(found.root) {
        let place = join(&pointer, status);
        let known = status == "default"
            || status.parse().is_ok_and(|number: u16| (100..600).contains(&number));
        if !known {
            found.add(
                &place,
                format!("`{status}` is not a status"),
                "write each status by itself, in quotes; ranges hide what is answered",
            );
        }
        if !is_answer(status, operation.value.get("responses").unwrap_or(&Value::Null)) {
            continue;
        }
        content(found, &join(&place, "content"), response, false);
        let shape = response.get("content");
        match first {
            None => first = Some((status, shape)),
            Some((other, seen)) if seen != shape => found.add(
                &place,
                format!("{status} and {other} are answered with different bodies"),
                "no rule makes one type of two; give them one schema",
            ),
            Some(_) => {}
        }
    }
    if first.is_none() {
        found.add(&pointer, "no success is declared", "declare the status that means success");
    }
}

/// The content of a body or of a success. A body must have one, a success may.
fn content(found: &mut Found<'_>, pointer: &str, holder: &Value, needed: bool) {
    let kinds: Vec<_> = members(holder, "content").collect();
    if !kinds.is_empty() && kinds.iter().all(|(media_type, _)| is_image(media_type)) {
        return pictures(found, pointer, &kinds);
    }
    if kinds.len() > 1 || (needed && kinds.is_empty()) {
        found.add(
            pointer,
            format!("there are {} media types", kinds.len()),
            "declare exactly one; a second one is a second operation",
        );
    }
    for (media_type, content) in kinds {
        let place = join(pointer, media_type);
        if !is_json(media_type) {
            found.add(
                &place,
                format!("the media type `{media_type}` is not covered by a rule"),
                "only JSON is, under any name that ends in `+json`, and pictures alone",
            );
        }
        if !content.get("schema").is_some_and(Value::is_object) {
            found.add(&place, "there is no schema", "add `schema`; `{}` if anything may come");
        }
        let named = content.get("schema").is_some_and(|schema| schema_reference(schema).is_some());
        let patches = media_type == merge_patch::MEDIA_TYPE || merge_patch::is_marked(holder);
        if patches && !named {
            found.add(
                &place,
                "the merge patch does not say what it patches",
                "refer to the component of the resource: the patch is made from it",
            );
        }
        if content.get("encoding").is_some() {
            found.add(&place, "`encoding` is not covered by a rule", "remove it");
        }
    }
}

/// A picture is bytes, of whichever of its media types.
fn pictures(found: &mut Found<'_>, pointer: &str, kinds: &[(&str, &Value)]) {
    for (media_type, content) in kinds {
        let schema = content.get("schema").unwrap_or(&Value::Null);
        if text(schema, "type") != "string" || text(schema, "format") != "binary" {
            found.add(
                &join(&join(pointer, media_type), "schema"),
                "a picture that is not described as bytes",
                "write `type: string` and `format: binary`",
            );
        }
    }
}
