//! Constructs of operations that no rule covers.

use serde_json::json;

use super::{Fault, GET, PUT, at, put, query, refs};

pub(super) fn faults() -> Vec<Fault> {
    let body = at(PUT, "/requestBody");
    vec![
        (
            at(GET, "/parameters/0"),
            query("x", json!({"type": "string"})),
            GET.into(),
            "not declared",
            "declare",
        ),
        (
            "/components/parameters/Id/name".into(),
            put(json!("other")),
            GET.into(),
            "{other}",
            "remove",
        ),
        (
            "/components/parameters/Id/required".into(),
            put(json!(false)),
            at(GET, "/parameters/0"),
            "not required",
            "required: true",
        ),
        (
            at(GET, "/parameters/-"),
            query("o", json!({"type": "object", "additionalProperties": true})),
            at(GET, "/parameters/3"),
            "is an object",
            "members",
        ),
        (
            at(GET, "/parameters/-"),
            put(json!({"name": "o", "in": "query", "style": "deepObject", "description": "d",
                       "schema": {"type": "string"}})),
            at(GET, "/parameters/3/style"),
            "deepObject",
            "form",
        ),
        (
            at(GET, "/parameters/2/explode"),
            put(json!(false)),
            at(GET, "/parameters/2/explode"),
            "joined",
            "explode: true",
        ),
        (
            at(GET, "/parameters/2/in"),
            put(json!("header")),
            at(GET, "/parameters/2"),
            "list",
            "text",
        ),
        (
            at(GET, "/parameters/-"),
            put(json!({"name": "accept", "in": "header", "description": "d",
                       "schema": {"type": "string"}})),
            at(GET, "/parameters/3"),
            "Accept",
            "content",
        ),
        (at(&body, "/required"), None, body.clone(), "optional", "required: true"),
        (
            at(&body, "/content/text~1plain"),
            put(json!({"schema": {"type": "string"}})),
            at(&body, "/content"),
            "2 media types",
            "exactly one",
        ),
        (
            at(&body, "/content"),
            put(json!({"multipart/form-data": {"schema": refs("Thing")}})),
            at(&body, "/content/multipart~1form-data"),
            "multipart",
            "+json",
        ),
        (
            at(&body, "/content/application~1json/schema"),
            None,
            at(&body, "/content/application~1json"),
            "no schema",
            "schema",
        ),
        (
            at(GET, "/requestBody"),
            put(json!({"description": "d", "required": true, "content": {"application/json":
                {"schema": {"type": "string"}}}})),
            at(GET, "/requestBody"),
            "a GET has a body",
            "parameters",
        ),
        (
            at(GET, "/responses/201"),
            put(json!({"description": "d"})),
            at(GET, "/responses/201"),
            "different bodies",
            "one schema",
        ),
        (
            at(GET, "/responses/4XX"),
            put(json!({"description": "d"})),
            at(GET, "/responses/4XX"),
            "not a status",
            "by itself",
        ),
        (at(PUT, "/responses/204"), None, at(PUT, "/responses"), "no responses", "every"),
    ]
}
