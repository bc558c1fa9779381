//! The operation table: what the runtime must know of each operation and what
//! lowering takes out of the document. Read from the honest document, before
//! any rule has touched it.

use serde_json::Value;

use crate::normalise::is_image;
use crate::openapi::{
    Operation, entries, flag, is_answer, members, operations, redirect_status, text, texts,
};

/// One row: facts of one operation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// Operation id: the name of the Rust method.
    pub id: String,
    /// The vendor's operation id.
    pub vendor_id: String,
    /// Method in upper case.
    pub method: String,
    /// Path template.
    pub path: String,
    /// The value of the `api-version` query parameter, if it takes one.
    pub api_version: Option<String>,
    /// The media type to ask for.
    pub accept: Option<String>,
    /// Where the answer says which version it is of: header, and value.
    pub served: Option<(String, String)>,
    /// The media type of the request body, unless the body itself knows it.
    pub content_type: Option<String>,
    /// The statuses that are declared as success.
    pub success: Vec<u16>,
    /// Whether a redirect leads to the answer.
    pub redirects: bool,
    /// Whether sending it twice does no more than sending it once.
    pub idempotent: bool,
    /// Whether a 500 may be followed by a repeat.
    pub retry_500: bool,
    /// How many seconds the service may take to answer, where that is long.
    pub answer_seconds: Option<u64>,
    /// What a token must be good for.
    pub scopes: Vec<String>,
    /// How its pages follow one another.
    pub paging: Option<Paging>,
    /// How the job that it starts is followed.
    pub wait: Option<Wait>,
    /// The tag: which part of the API it belongs to.
    pub group: String,
}

/// How pages follow one another (`x-page`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Paging {
    /// `next-link`, `links-next` or `body-token`.
    pub kind: String,
    /// The member that holds the items.
    pub items: String,
    /// The member that holds the link, the links or the token.
    pub next: String,
    /// The member of the request body that takes the token.
    pub send: Option<String>,
    /// Whether a short page is the last one, whatever it leads to.
    pub short_page_ends: bool,
    /// Where the service stops, whatever the pages.
    pub ceiling: Option<Ceiling>,
    /// A query parameter of the first page, and the number that it has if the
    /// caller sets none.
    pub first: Option<(String, i64)>,
}

/// The most items that a service gives of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ceiling {
    /// The header, in lower case, that asks for another number and tells it.
    pub header: String,
    /// The number if nobody asks for one.
    pub default: u64,
}

/// How a long operation is followed (`x-wait`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Wait {
    /// The operation that tells the state.
    pub status_operation: String,
    /// The member that holds the state.
    pub status_field: String,
    /// States that end it well.
    pub succeeded: Vec<String>,
    /// States that end it badly.
    pub failed: Vec<String>,
}

/// The rows of a document, sorted by id.
pub fn build(root: &Value) -> Vec<Row> {
    let mut rows: Vec<_> = operations(root).iter().map(|operation| row(root, operation)).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

fn row(root: &Value, operation: &Operation<'_>) -> Row {
    let method = operation.method.to_uppercase();
    let responses = operation.responses(root);
    let declared = operation.value.get("responses").unwrap_or(&Value::Null);
    let mut success: Vec<u16> = responses
        .iter()
        .filter(|(status, _)| is_answer(status, declared))
        .filter_map(|(status, _)| status.parse().ok())
        .collect();
    success.sort_unstable();
    let redirects = responses.iter().any(|(status, _)| {
        redirect_status(status).is_some_and(|redirect| !success.contains(&redirect))
    });
    // What the whole API is asked with; else, where success has no body, the
    // errors still say what is spoken.
    let accept = root.get("x-accept").and_then(Value::as_str).map(str::to_owned);
    let accept = accept.or_else(|| responses.iter().find_map(|(_, response)| media_type(response)));
    let security = operation.value.get("security").or_else(|| root.get("security"));
    Row {
        id: operation.id().to_owned(),
        vendor_id: text(operation.value, "x-vendor-id").to_owned(),
        path: operation.path.to_owned(),
        api_version: operation
            .parameters(root)
            .iter()
            .find(|(_, parameter)| text(parameter, "name") == "api-version")
            .map(|(_, parameter)| text(parameter, "x-const").to_owned()),
        accept,
        served: root.get("x-served").map(|served| {
            (text(served, "header").to_ascii_lowercase(), text(served, "value").to_owned())
        }),
        content_type: operation.body(root).and_then(media_type).filter(|media| !is_image(media)),
        success,
        redirects,
        idempotent: operation
            .value
            .get("x-idempotent")
            .and_then(Value::as_bool)
            .unwrap_or(matches!(method.as_str(), "GET" | "HEAD" | "PUT" | "DELETE")),
        retry_500: flag(operation.value, "x-retry-500"),
        answer_seconds: operation.value.get("x-answer-seconds").and_then(Value::as_u64),
        scopes: security.map(scopes).unwrap_or_default(),
        paging: operation.value.get("x-page").map(paging),
        wait: operation.value.get("x-wait").map(wait),
        group: texts(operation.value, "tags").first().copied().unwrap_or("").to_owned(),
        method,
    }
}

fn media_type(holder: &Value) -> Option<String> {
    members(holder, "content").next().map(|(media, _)| media.to_owned())
}

fn scopes(security: &Value) -> Vec<String> {
    security
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(entries)
        .filter_map(|(_, scopes)| scopes.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn paging(value: &Value) -> Paging {
    Paging {
        kind: text(value, "kind").to_owned(),
        items: text(value, "items").to_owned(),
        next: text(value, "next").to_owned(),
        send: value.get("send").and_then(Value::as_str).map(str::to_owned),
        short_page_ends: text(value, "end") == "short-page",
        ceiling: value.get("ceiling").and_then(|ceiling| {
            let header = text(ceiling, "header").to_ascii_lowercase();
            Some(Ceiling { header, default: ceiling.get("default")?.as_u64()? })
        }),
        first: value
            .get("first")
            .into_iter()
            .flat_map(entries)
            .next()
            .and_then(|(name, value)| Some((name.to_owned(), value.as_i64()?))),
    }
}

fn wait(value: &Value) -> Wait {
    let states = |key| texts(value, key).into_iter().map(str::to_owned).collect();
    Wait {
        status_operation: text(value, "status-operation").to_owned(),
        status_field: text(value, "status-field").to_owned(),
        succeeded: states("succeeded"),
        failed: states("failed"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_holds_what_the_document_says() {
        let root = json!({
            "security": [{"entra": ["scope"]}],
            "paths": {"/a/{id}": {"post": {
                "operationId": "do_it", "x-vendor-id": "V_Do", "tags": ["T"],
                "x-idempotent": true, "x-answer-seconds": 60,
                "parameters": [{"name": "api-version", "in": "query", "x-const": "7"}],
                "requestBody": {"content": {"application/json-patch+json": {}}},
                "responses": {
                    "204": {"description": ""},
                    "201": {"description": ""},
                    "404": {"content": {"application/problem+json": {}}},
                },
                "x-page": {"kind": "next-link", "items": "value", "next": "nextLink"},
                "x-wait": {"status-operation": "get", "status-field": "s",
                           "succeeded": ["ok"], "failed": ["bad"]},
            }}},
        });
        insta::assert_yaml_snapshot!(build(&root));
    }

    #[test]
    fn what_holds_for_the_whole_api_stands_in_every_row() {
        let root = json!({
            "x-accept": "application/vnd.x.v2+json",
            "x-served": {"header": "X-Version", "value": "x.v2"},
            "paths": {
                "/a": {"get": {"operationId": "a", "responses": {
                    "200": {"content": {"application/json": {}}}, "302": {},
                }, "x-page": {"kind": "links-next", "items": "as", "next": "_links",
                              "end": "short-page", "ceiling": {"header": "X-Most", "default": 8}, "first": {"$top": 9}}}},
                "/b": {"put": {"operationId": "b", "responses": {"302": {}, "404": {}},
                               "requestBody": {"content": {"image/png": {}}}}},
            },
        });
        insta::assert_yaml_snapshot!(build(&root));
    }

    #[test]
    fn methods_are_safe_to_repeat_as_http_says() {
        for (method, expected) in
            [("get", true), ("put", true), ("delete", true), ("post", false), ("patch", false)]
        {
            let root = json!({"paths": {"/a": {method: {"operationId": "x"}}}});
            assert_eq!(build(&root)[0].idempotent, expected, "{method}");
        }
    }
}
