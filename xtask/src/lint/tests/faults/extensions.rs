//! Extensions that are unknown, misplaced or not borne out.

use serde_json::json;

use super::{Fault, GET, LIST, PUT, THING, at, put, state};

pub(super) fn faults() -> Vec<Fault> {
    vec![
        (at(GET, "/x-vendor-id"), None, at(GET, "/x-vendor-id"), "missing", "drift"),
        (
            at(GET, "/x-vendor-id"),
            put(json!("Things_List")),
            at(LIST, "/x-vendor-id"),
            "stands at /paths/~1things~1{id}/get/x-vendor-id, too",
            "correct",
        ),
        (at(GET, "/x-new"), put(json!(1)), at(GET, "/x-new"), "unknown", "x-page"),
        (at(THING, "/x-new"), put(json!(1)), at(THING, "/x-new"), "unknown", "x-document"),
        ("/x-new".into(), put(json!(1)), "/x-new".into(), "unknown", "x-accept"),
        ("/info/x-new".into(), put(json!(1)), "/info/x-new".into(), "unknown", "none is known"),
        (
            at(GET, "/x-idempotent"),
            put(json!("yes")),
            at(GET, "/x-idempotent"),
            "true or false",
            "true or false",
        ),
        (at(GET, "/parameters/1/x-const"), None, at(GET, "/parameters/1"), "no value", "x-const"),
        (
            at(GET, "/responses/200/x-error-codes"),
            put(json!(["A"])),
            at(GET, "/responses/200/x-error-codes"),
            "belong to errors",
            "texts",
        ),
        (
            "/components/parameters/Id/x-id-type".into(),
            put(json!("thing-id")),
            at(GET, "/parameters/0/x-id-type"),
            "not a type name",
            "ids.rs",
        ),
        (
            at(THING, "/x-document-type"),
            put(json!("Thing")),
            at(THING, "/x-document-type"),
            "not a document",
            "x-document: true",
        ),
        (
            "/components/schemas/More/x-document-type".into(),
            put(json!("more things")),
            "/components/schemas/More/x-document-type".into(),
            "not a type name",
            "`Json`",
        ),
        (state("/x-open-enum"), put(json!(false)), state("/x-open-enum"), "open unless", "closed"),
        (
            state("/x-enum-names"),
            put(json!({"off": "Off"})),
            state("/x-enum-names/off"),
            "no value",
            "VariantName",
        ),
        (
            at(LIST, "/x-page/kind"),
            put(json!("skip-top")),
            at(LIST, "/x-page/kind"),
            "skip-top",
            "others come",
        ),
        (
            at(LIST, "/x-page/items"),
            put(json!("rows")),
            at(LIST, "/x-page/items"),
            "`rows`",
            "holds",
        ),
        (at(LIST, "/x-page/next"), put(json!("more")), at(LIST, "/x-page/next"), "`more`", "link"),
        (
            at(LIST, "/x-page"),
            put(json!({"kind": "body-token", "items": "value", "next": "nextLink"})),
            at(LIST, "/x-page/send"),
            "request body",
            "token",
        ),
        (
            at(PUT, "/x-wait/status-operation"),
            put(json!("nothing")),
            at(PUT, "/x-wait/status-operation"),
            "`nothing`",
            "state",
        ),
        (
            at(PUT, "/x-wait/status-field"),
            put(json!("phase")),
            at(PUT, "/x-wait/status-field"),
            "phase",
            "state",
        ),
        (
            at(PUT, "/x-wait/failed"),
            put(json!(["lost"])),
            at(PUT, "/x-wait/failed"),
            "states",
            "broken",
        ),
    ]
}
