//! Kinds, merge patches and enums that do not hold together.

use serde_json::json;

use super::{Fault, PATCH, SHAPE, THING, at, put, state};

pub(super) fn faults() -> Vec<Fault> {
    let extra = at(THING, "/properties/extra");
    vec![
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
    ]
}
