//! Everything that a user of the client meets has a description.

use serde_json::Value;

use super::Found;
use super::references::components;
use crate::document::join;
use crate::openapi::{list, members, operations, text, walk_schemas};

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    needs(found, "/info", root.get("info").unwrap_or(&Value::Null), "description");
    for (index, tag) in list(root, "tags").iter().enumerate() {
        needs(found, &join("/tags", &index.to_string()), tag, "description");
    }
    let tags: Vec<&str> = list(root, "tags").iter().map(|tag| text(tag, "name")).collect();
    for operation in operations(root) {
        let pointer = &operation.pointer;
        needs(found, pointer, operation.value, "summary");
        needs(found, pointer, operation.value, "description");
        let group = list(operation.value, "tags").first().and_then(Value::as_str);
        if !group.is_some_and(|group| tags.contains(&group)) {
            found.add(
                &join(pointer, "tags"),
                "the operation belongs to no declared tag",
                "give it one of the `tags` at the top of the document",
            );
        }
        for (pointer, parameter) in operation.parameters(root) {
            needs(found, &pointer, parameter, "description");
        }
        if let Some(body) = operation.body(root) {
            needs(found, &join(pointer, "requestBody"), body, "description");
        }
        for (status, response) in operation.responses(root) {
            let pointer = join(&join(pointer, "responses"), status);
            needs(found, &pointer, response, "description");
            for (name, header) in members(response, "headers") {
                if header.get("$ref").is_none() {
                    needs(found, &join(&join(&pointer, "headers"), name), header, "description");
                }
            }
        }
    }
    for (pointer, header) in components(root, "headers") {
        needs(found, &pointer, header, "description");
    }
    for (pointer, schema) in components(root, "schemas") {
        needs(found, &pointer, schema, "description");
    }
    let mut properties = Vec::new();
    walk_schemas(root, &mut |pointer, schema| {
        for (name, property) in members(schema, "properties") {
            properties.push((join(&join(pointer, "properties"), name), property));
        }
    });
    for (pointer, property) in properties {
        // What is behind a reference describes itself.
        if property.get("$ref").is_none() {
            needs(found, &pointer, property, "description");
        }
    }
}

fn needs(found: &mut Found<'_>, pointer: &str, value: &Value, key: &str) {
    if text(value, key).trim().is_empty() {
        found.add(
            &join(pointer, key),
            format!("the {key} is missing or empty"),
            "say in our own words what it is for and what trips people",
        );
    }
}
