//! Constructs of schemas that no rule covers.

use serde_json::json;

use super::{Fault, GET, THING, at, put, refs};

pub(super) fn faults() -> Vec<Fault> {
    let extra = at(THING, "/properties/extra");
    vec![
        (
            extra.clone(),
            put(json!({"oneOf": [], "description": "d"})),
            at(&extra, "/oneOf"),
            "oneOf",
            "one shape",
        ),
        (
            extra.clone(),
            put(json!({"anyOf": [], "description": "d"})),
            at(&extra, "/anyOf"),
            "anyOf",
            "one shape",
        ),
        (
            extra.clone(),
            put(json!({"not": {}, "description": "d"})),
            at(&extra, "/not"),
            "not",
            "one shape",
        ),
        (
            extra.clone(),
            put(json!({"allOf": [refs("Thing"), refs("More")], "description": "d"})),
            at(&extra, "/allOf"),
            "neither a description",
            "write the members out",
        ),
        (
            at(GET, "/x-answer-seconds"),
            put(json!("60")),
            at(GET, "/x-answer-seconds"),
            "whole number",
            "write a whole number",
        ),
    ]
}
