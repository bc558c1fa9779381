//! Faults of the bones of a document, and references that lead nowhere.

use serde_json::json;

use super::{Fault, GET, THING, at, put, refs};

pub(super) fn faults() -> Vec<Fault> {
    let success = at(GET, "/responses/200/content/application~1json/schema");
    vec![
        // Structure.
        ("/openapi".into(), put(json!("3.1.0")), "/openapi".into(), "3.1.0", "3.0.3"),
        ("/info/version".into(), None, "/info/version".into(), "missing", "version"),
        ("/paths".into(), None, "/paths".into(), "no paths", "add"),
        ("/paths/things".into(), put(json!({})), "/paths/things".into(), "`/`", "start"),
        ("/paths/~1a?b=c".into(), put(json!({})), "/paths/~1a?b=c".into(), "query", "parameters"),
        ("/paths/~1a~1..~1b".into(), put(json!({})), "/paths/~1a~1..~1b".into(), "dot", "words"),
        ("/paths/~1a b".into(), put(json!({})), "/paths/~1a b".into(), "travel", "words"),
        ("/paths/~1a".into(), put(json!([])), "/paths/~1a".into(), "not an object", "below"),
        (
            "/paths/~1a".into(),
            put(json!({"trace": {}})),
            "/paths/~1a/trace".into(),
            "cannot be generated",
            "leave",
        ),
        ("/paths/~1a".into(), put(json!({"GET": {}})), "/paths/~1a/GET".into(), "unknown", "lower"),
        (GET.into(), put(json!("x")), GET.into(), "not an object", "below"),
        (
            at(GET, "/operationId"),
            put(json!("GetThing")),
            at(GET, "/operationId"),
            "GetThing",
            "snake case",
        ),
        (at(GET, "/operationId"), None, at(GET, "/operationId"), "``", "snake case"),
        (at(GET, "/parameters"), put(json!({})), at(GET, "/parameters"), "not a list", "list"),
        (at(GET, "/responses"), put(json!({})), at(GET, "/responses"), "no responses", "every"),
        (
            at(GET, "/parameters/-"),
            put(json!({"name": "c", "in": "cookie", "schema": {}, "description": "d"})),
            at(GET, "/parameters/3/in"),
            "cookie",
            "header",
        ),
        (
            at(GET, "/parameters/-"),
            put(json!({"name": "c", "in": "query", "content": {}, "description": "d"})),
            at(GET, "/parameters/3"),
            "no schema",
            "content",
        ),
        // References.
        (success.clone(), put(refs("Nothing")), at(&success, "/$ref"), "leads nowhere", "correct"),
        (
            success.clone(),
            put(json!({"$ref": "other.yaml#/components/schemas/A"})),
            at(&success, "/$ref"),
            "leaves",
            "copy",
        ),
        (
            success.clone(),
            put(json!({"$ref": "#/components/schemas/Thing", "nullable": true})),
            success.clone(),
            "beside",
            "allOf",
        ),
        (
            "/components/schemas/Lone".into(),
            put(json!({"type": "string", "description": "d"})),
            "/components/schemas/Lone".into(),
            "nothing refers",
            "remove",
        ),
        (
            "/components/schemas/More".into(),
            put(refs("More")),
            at(THING, "/properties/more/$ref"),
            "circle",
            "correct",
        ),
    ]
}
