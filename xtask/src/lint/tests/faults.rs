//! Small broken documents: each fault is found at its place, with its cure.

use std::path::Path;

use serde_json::{Value, json};

use super::{check, document, with};

const GET: &str = "/paths/~1things~1{id}/get";
const PUT: &str = "/paths/~1things~1{id}/put";
const PATCH: &str = "/paths/~1things~1{id}/patch";
const SHAPE: &str = "/components/schemas/Shape";
const LIST: &str = "/paths/~1things/get";
const PAGES: &str = "/paths/~1pages/get";
const PICTURE: &str = "/paths/~1pages/put/requestBody/content";
const THING: &str = "/components/schemas/Thing";

/// Where to change the good document, what to put there (nothing: take it
/// away), where the problem is expected, and words of its message and cure.
fn faults() -> Vec<(String, Option<Value>, String, &'static str, &'static str)> {
    let at = |base: &str, rest: &str| format!("{base}{rest}");
    let put = |value: Value| Some(value);
    let query = |name: &str, schema: Value| {
        put(json!({"name": name, "in": "query", "description": "d", "schema": schema}))
    };
    let state = |rest: &str| at(THING, &format!("/properties/state{rest}"));
    let extra = at(THING, "/properties/extra");
    let body = at(PUT, "/requestBody");
    let success = at(GET, "/responses/200/content/application~1json/schema");
    let refs = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
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
        // Operations.
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
        // Schemas.
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
        // Kinds and merge patches.
        (
            at(THING, "/discriminator"),
            put(json!({"propertyName": "id"})),
            at(THING, "/discriminator/mapping"),
            "not listed",
            "for each",
        ),
        (
            at(SHAPE, "/discriminator/propertyName"),
            put(json!("size")),
            at(SHAPE, "/discriminator/propertyName"),
            "not a required text",
            "in the base",
        ),
        (
            at(SHAPE, "/discriminator/mapping/oval"),
            put(json!("#/components/schemas/Oval")),
            at(SHAPE, "/discriminator/mapping/oval"),
            "no component `Oval`",
            "name",
        ),
        (
            at(SHAPE, "/discriminator/mapping/oval"),
            put(json!("#/components/schemas/Circle")),
            at(SHAPE, "/discriminator/mapping"),
            "`Circle` extends",
            "one value",
        ),
        (
            at(SHAPE, "/discriminator/mapping/unknown"),
            put(json!("#/components/schemas/Circle")),
            at(SHAPE, "/discriminator/mapping"),
            "always there",
            "rule",
        ),
        (
            "/components/schemas/Circle/allOf".into(),
            None,
            at(SHAPE, "/discriminator/mapping"),
            "`Circle` extends",
            "names the base",
        ),
        (
            extra.clone(),
            put(json!({"type": "object", "additionalProperties": true, "description": "d",
                       "discriminator": {"propertyName": "id"}})),
            at(&extra, "/discriminator"),
            "not a component",
            "name of its own",
        ),
        (
            at(PATCH, "/requestBody/content/application~1merge-patch+json/schema"),
            put(json!({"type": "object", "additionalProperties": true})),
            at(PATCH, "/requestBody/content/application~1merge-patch+json"),
            "what it patches",
            "the component",
        ),
        (
            extra.clone(),
            put(json!({"type": ["string", "null"], "description": "d"})),
            at(&extra, "/type"),
            "not one text",
            "nullable",
        ),
        (
            extra.clone(),
            put(json!({"type": "date", "description": "d"})),
            at(&extra, "/type"),
            "date",
            "string",
        ),
        (
            extra.clone(),
            put(json!({"type": "string", "format": "weird", "description": "d"})),
            at(&extra, "/format"),
            "`weird` of `string`",
            "date-time",
        ),
        (
            extra.clone(),
            put(json!({"type": "string", "format": "int32", "description": "d"})),
            at(&extra, "/format"),
            "`int32` of `string`",
            "integer: int32, int64",
        ),
        (
            extra.clone(),
            put(json!({"type": "number", "format": 1, "description": "d"})),
            at(&extra, "/format"),
            "not covered",
            "leave it out",
        ),
        (
            extra.clone(),
            put(json!({"type": "array", "description": "d"})),
            extra.clone(),
            "of what",
            "items",
        ),
        (
            extra.clone(),
            put(json!({"const": 1, "description": "d"})),
            at(&extra, "/const"),
            "const",
            "3.0",
        ),
        (
            at(THING, "/additionalProperties"),
            put(json!(false)),
            at(THING, "/additionalProperties"),
            "closed",
            "leave",
        ),
        (
            at(THING, "/additionalProperties"),
            put(json!(true)),
            at(THING, "/additionalProperties"),
            "takes others",
            "x-document",
        ),
        (
            extra.clone(),
            put(json!({"type": "object", "description": "d"})),
            extra.clone(),
            "no members",
            "additionalProperties: true",
        ),
        (
            at(THING, "/x-document"),
            put(json!(true)),
            at(THING, "/x-document"),
            "not an open object",
            "belong",
        ),
        (
            at(THING, "/required"),
            put(json!(["nothing"])),
            at(THING, "/required"),
            "`nothing`",
            "declare",
        ),
        (
            at(THING, "/required"),
            put(json!(["id"])),
            at(THING, "/properties/id"),
            "only the service",
            "two schemas",
        ),
        (state("/enum"), put(json!([1, 2])), state("/enum"), "texts", "quotes"),
        (state("/x-enum-name"), None, state(""), "no name", "x-enum-name"),
        // Extensions.
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
        // A platform of many APIs.
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

#[test]
fn every_fault_is_found_at_its_place_with_its_cure() {
    let mut wrong = Vec::new();
    for (pointer, value, place, message, cure) in faults() {
        let what = format!("{pointer} = {value:?}");
        let problems = check(&document(&with(&pointer, value)));
        let hit = problems.iter().any(|problem| {
            problem.pointer == place
                && problem.message.contains(message)
                && problem.cure.contains(cure)
                && problem.file == Path::new("small.json")
        });
        if !hit {
            wrong.push(format!("{what}\n  expected at {place}\n  found {problems:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_fault_gives_one_problem() {
    // Most faults stand alone; those that pull others with them are few.
    let alone = faults()
        .into_iter()
        .filter(|(pointer, value, ..)| check(&document(&with(pointer, value.clone()))).len() == 1)
        .count();
    assert!(alone * 10 >= faults().len() * 7, "{alone} of {}", faults().len());
}
