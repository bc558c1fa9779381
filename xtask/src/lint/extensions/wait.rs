//! `x-wait`: how what an operation starts is followed to its end.

use serde_json::Value;

use super::super::Found;
use super::{linked, only, success_schema};
use crate::document::join;
use crate::openapi::{Operation, text, texts};

pub(super) fn check(found: &mut Found<'_>, operation: &Operation<'_>, all: &[Operation<'_>]) {
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
