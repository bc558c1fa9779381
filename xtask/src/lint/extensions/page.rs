//! `x-page`: how the pages of a list follow one another, and how it ends.

use serde_json::Value;

use super::super::Found;
use super::{linked, only, success_schema};
use crate::document::join;
use crate::openapi::{Operation, entries, members, resolve, text, texts};

pub(super) fn check(found: &mut Found<'_>, operation: &Operation<'_>) {
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
