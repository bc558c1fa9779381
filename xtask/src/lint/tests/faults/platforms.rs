//! What a platform of many APIs brings: versions, choices of answers, pictures.

use serde_json::json;

use super::{Fault, PAGES, PICTURE, at, put, query, refs};

pub(super) fn faults() -> Vec<Fault> {
    vec![
        ("/x-accept".into(), put(json!("text/html")), "/x-accept".into(), "media type", "write"),
        ("/x-served/value".into(), None, "/x-served/value".into(), "missing", "this version"),
        ("/x-served/more".into(), put(json!(1)), "/x-served/more".into(), "unknown", "header"),
        (
            at(PAGES, "/x-page/end"),
            put(json!("empty")),
            at(PAGES, "/x-page/end"),
            "not covered",
            "short-page",
        ),
        (
            at(PAGES, "/x-page/first"),
            put(json!({"$skip": 1})),
            at(PAGES, "/x-page/first"),
            "query parameter",
            "$top",
        ),
        (
            at(PAGES, "/x-page/next"),
            put(json!("value")),
            at(PAGES, "/x-page/next"),
            "next.href",
            "links",
        ),
        (
            at(PAGES, "/x-representation"),
            put(json!("#/components/schemas/None")),
            at(PAGES, "/x-representation"),
            "no component",
            "components/schemas",
        ),
        (
            at(PAGES, "/parameters/1"),
            query("Prefer", json!({"type": "string"})),
            at(PAGES, "/x-representation"),
            "nothing chooses",
            "declare",
        ),
        (
            at(PAGES, "/responses/200/content/application~1json/schema"),
            put(json!({"type": "object", "required": ["value", "_links"], "properties": {
                "value": {"type": "array", "items": {"type": "string"}, "description": "d"},
                "_links": refs("Links"),
            }})),
            at(PAGES, "/x-representation"),
            "smaller answer",
            "refer",
        ),
        (
            at(PICTURE, "/image~1png/schema"),
            put(json!({"type": "string"})),
            at(PICTURE, "/image~1png/schema"),
            "bytes",
            "binary",
        ),
        (
            at(PICTURE, "/application~1json"),
            put(json!({"schema": {"type": "string"}})),
            PICTURE.into(),
            "media types",
            "exactly one",
        ),
        (
            "/paths/~1pages/patch/requestBody/x-merge-patch".into(),
            put(json!("yes")),
            "/paths/~1pages/patch/requestBody/x-merge-patch".into(),
            "true or false",
            "write",
        ),
        (
            "/paths/~1pages/patch/requestBody/content/application~1json/schema".into(),
            put(json!({"type": "object", "additionalProperties": true})),
            "/paths/~1pages/patch/requestBody/content/application~1json".into(),
            "what it patches",
            "refer",
        ),
    ]
}
