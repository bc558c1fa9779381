//! What the documentation of generated methods says, taken from the honest
//! document: errors, statuses and the vendor's name included.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Input;
use crate::names::snake;
use crate::normalise::{escape, is_document, json_patch, unverified};
use crate::openapi::{
    Operation, is_answer, members, operations, redirect_status, resolve, text, texts,
};

/// The runtime's type for raw documents, as links name it.
const JSON: &str = "::progenitor_client::Json";

/// Documentation of one operation.
#[derive(Debug, Clone)]
pub(super) struct OperationDocs {
    /// Of the client's method, as markdown.
    pub(super) method: String,
    /// Of the builder's setters, by name.
    pub(super) setters: BTreeMap<String, String>,
}

/// Documentation by operation id.
pub(super) fn collect(input: &Input<'_>) -> BTreeMap<String, OperationDocs> {
    let root = &input.document.value;
    operations(root)
        .into_iter()
        .map(|operation| (operation.id().to_owned(), one(root, &operation)))
        .collect()
}

fn one(root: &Value, operation: &Operation<'_>) -> OperationDocs {
    let mut setters = BTreeMap::new();
    for (_, parameter) in operation.parameters(root) {
        let name = text(parameter, "name");
        let place = text(parameter, "in");
        let about = about(parameter);
        setters.insert(snake(name), format!("{about}\n\nSent as {place} parameter `{name}`."));
    }
    if let Some(body) = operation.body(root) {
        let mut parts = vec![about(body)];
        parts.extend(taken(root, body));
        setters.insert("body".to_owned(), parts.join("\n\n"));
    }
    OperationDocs { method: method(root, operation), setters }
}

/// What can be handed over as a body that is raw JSON, or a list of such.
fn taken(root: &Value, body: &Value) -> Option<String> {
    let (media, content) = members(body, "content").next()?;
    if media == json_patch::MEDIA_TYPE {
        return None;
    }
    let schema = resolve(root, content.get("schema")?).ok()?;
    let list = text(schema, "type") == "array";
    let schema = if list { resolve(root, schema.get("items")?).ok()? } else { schema };
    if !is_document(schema) {
        return None;
    }
    let made = format!("[`Json::from_serialize(&value)?`]({JSON}::from_serialize)");
    if list {
        return Some(format!(
            "Takes a list of [`Json`]({JSON}): of a value of your own type each is {made}, of a \
             `serde_json::Value` it is `value.into()`."
        ));
    }
    let own = match text(schema, "x-document-type") {
        "" => String::new(),
        name => format!("a [`{name}`](crate::{name}), "),
    };
    Some(format!(
        "Takes {own}a `serde_json::Value` or a [`Json`]({JSON}); of a value of your own type that \
         is {made}."
    ))
}

fn about(value: &Value) -> String {
    let about = escape(text(value, "description"));
    match text(value, "x-unverified") {
        "" => about,
        doubt => format!("{about}\n\n{}", unverified(doubt)),
    }
}

fn method(root: &Value, operation: &Operation<'_>) -> String {
    let mut parts = vec![
        escape(text(operation.value, "summary")),
        escape(text(operation.value, "description")),
        format!(
            "`{} {}`, the service's operation `{}`.",
            operation.method.to_uppercase(),
            operation.path,
            text(operation.value, "x-vendor-id"),
        ),
    ];
    if operation.value.get("x-representation").is_some() {
        let builder = crate::names::pascal(operation.id());
        parts.push(format!(
            "The answer holds the essentials; \
             [`representation`](builder::{builder}::representation) asks for everything."
        ));
    }
    let doubt = text(operation.value, "x-unverified");
    if !doubt.is_empty() {
        parts.push(unverified(doubt));
    }
    parts.push("# Errors".to_owned());
    let declared = operation.value.get("responses").unwrap_or(&Value::Null);
    let errors: Vec<_> = operation
        .responses(root)
        .into_iter()
        .filter(|(status, _)| !is_answer(status, declared))
        .filter(|(status, _)| redirect_status(status).is_none())
        .map(|(status, response)| error(status, response))
        .collect();
    parts.push(errors.join("\n"));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// One line of the list of errors. Lists inside a description stay behind.
fn error(status: &str, response: &Value) -> String {
    let codes: Vec<_> =
        texts(response, "x-error-codes").iter().map(|code| format!("`{code}`")).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let about = escape(text(response, "description"));
    let first = about.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let doubt = match text(response, "x-unverified") {
        "" => String::new(),
        doubt => format!(" {}", unverified(doubt)),
    };
    let status = if status == "default" { "otherwise" } else { status };
    format!("- {status}{codes}: {first}{doubt}")
}
