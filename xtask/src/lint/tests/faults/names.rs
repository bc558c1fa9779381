//! Descriptions that are missing, and names that collide.

use serde_json::json;

use super::{Fault, GET, LIST, PUT, THING, at, put, query, state};

pub(super) fn faults() -> Vec<Fault> {
    let body = at(PUT, "/requestBody");
    vec![
        // Descriptions.
        (at(GET, "/summary"), None, at(GET, "/summary"), "missing", "own words"),
        (at(GET, "/description"), put(json!(" ")), at(GET, "/description"), "empty", "own words"),
        (at(&body, "/description"), None, at(&body, "/description"), "missing", "own words"),
        (
            at(GET, "/responses/404/description"),
            put(json!("")),
            at(GET, "/responses/404/description"),
            "empty",
            "own words",
        ),
        (
            at(THING, "/properties/id/description"),
            None,
            at(THING, "/properties/id/description"),
            "missing",
            "own words",
        ),
        (at(GET, "/tags"), put(json!(["Other"])), at(GET, "/tags"), "no declared tag", "tags"),
        // Collisions.
        (
            at(GET, "/operationId"),
            put(json!("new")),
            at(GET, "/operationId"),
            "always there",
            "another operation id",
        ),
        (
            at(LIST, "/operationId"),
            put(json!("get_thing")),
            at(LIST, "/operationId"),
            "at /paths/~1things~1{id}/get/operationId would both be called",
            "another operation id",
        ),
        (
            at(GET, "/parameters/-"),
            query("send", json!({"type": "string"})),
            at(GET, "/parameters/3"),
            "always there",
            "no rule renames",
        ),
        (
            at(GET, "/parameters/-"),
            query("$which", json!({"type": "string"})),
            at(GET, "/parameters/3"),
            "both be called `which`",
            "no rule renames",
        ),
        (
            at(PUT, "/parameters/-"),
            query("body", json!({"type": "string"})),
            at(PUT, "/requestBody"),
            "both be called `body`",
            "no rule renames",
        ),
        (
            at(THING, "/properties/$id"),
            put(json!({"type": "string", "description": "d"})),
            at(THING, "/properties/$id"),
            "both be called `id`",
            "no rule renames",
        ),
        (
            at(THING, "/properties/***"),
            put(json!({"type": "string", "description": "d"})),
            at(THING, "/properties/***"),
            "no name in Rust",
            "no rule renames",
        ),
        (
            state("/enum"),
            put(json!(["on", "On", "done", "broken"])),
            state("/enum"),
            "both be called `On`",
            "x-enum-names",
        ),
        (
            state("/enum"),
            put(json!(["unknown", "done", "broken"])),
            state("/enum"),
            "always there",
            "x-enum-names",
        ),
    ]
}
