//! `x-representation`: the larger of two answers, which the caller may choose.

use super::super::Found;
use crate::document::join;
use crate::normalise::PREFER;
use crate::openapi::{Operation, members, success_status, text};

/// Two answers to choose from need the header that chooses, and two components.
pub(super) fn check(found: &mut Found<'_>, operation: &Operation<'_>) {
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
