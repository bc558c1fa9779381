//! The small document that the other tests break.

mod faults;
mod mutations;

use std::path::Path;

use serde_json::{Value, json};

use super::*;

/// A document with nothing wrong in it, and a little of everything.
fn good() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1", "description": "d"},
        "x-accept": "application/vnd.x.v1+json",
        "x-served": {"header": "X-Version", "value": "x.v1"},
        "tags": [{"name": "Things", "description": "d"}],
        "paths": {
            "/things/{id}": {
                "get": {
                    "operationId": "get_thing", "x-vendor-id": "Things_Get", "tags": ["Things"],
                    "summary": "s", "description": "d",
                    "parameters": [
                        {"$ref": "#/components/parameters/Id"},
                        {"name": "api-version", "in": "query", "required": true,
                         "x-const": "1", "description": "d", "schema": {"type": "string"}},
                        {"name": "which", "in": "query", "description": "d",
                         "schema": {"type": "array", "items": {"type": "string"}}},
                    ],
                    "responses": {
                        "200": {"description": "d", "content": {"application/json":
                            {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                        "404": {"description": "d", "x-error-codes": ["NotFound"]},
                    },
                },
                "put": {
                    "operationId": "put_thing", "x-vendor-id": "Things_Put", "tags": ["Things"],
                    "summary": "s", "description": "d",
                    "x-wait": {"status-operation": "get_thing", "status-field": "state",
                               "succeeded": ["done"], "failed": ["broken"]},
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "requestBody": {"description": "d", "required": true,
                        "content": {"application/json":
                            {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "responses": {"204": {"description": "d"}},
                },
                "patch": {
                    "operationId": "update_thing", "x-vendor-id": "Things_Update",
                    "tags": ["Things"], "summary": "s", "description": "d",
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "requestBody": {"description": "d", "required": true,
                        "content": {"application/merge-patch+json":
                            {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "responses": {"204": {"description": "d"}},
                },
            },
            "/things": {
                "get": {
                    "operationId": "list_things", "x-vendor-id": "Things_List",
                    "tags": ["Things"], "summary": "s", "description": "d",
                    "x-page": {"kind": "next-link", "items": "value", "next": "nextLink"},
                    "responses": {"200": {"description": "d", "content": {"application/json":
                        {"schema": {"$ref": "#/components/schemas/Page"}}}}},
                },
            },
            "/pages": {
                "get": {
                    "operationId": "list_pages", "x-vendor-id": "Pages_List",
                    "tags": ["Things"], "summary": "s", "description": "d",
                    "x-page": {"kind": "links-next", "items": "value", "next": "_links",
                               "end": "short-page", "ceiling": {"header": "X-Most", "default": 8}, "first": {"$top": 9}},
                    "x-representation": "#/components/schemas/Things",
                    "parameters": [
                        {"name": "$top", "in": "query", "description": "d",
                         "schema": {"type": "integer"}},
                        {"name": "Prefer", "in": "header", "description": "d",
                         "schema": {"type": "string"}},
                    ],
                    "responses": {"200": {"description": "d", "content": {"application/json":
                        {"schema": {"$ref": "#/components/schemas/Things"}}}}},
                },
                "put": {
                    "operationId": "put_picture", "x-vendor-id": "Pages_Picture",
                    "tags": ["Things"], "summary": "s", "description": "d",
                    "requestBody": {"description": "d", "required": true, "content": {
                        "image/png": {"schema": {"type": "string", "format": "binary"}},
                        "image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
                    "responses": {"302": {"description": "d"}},
                },
                "patch": {
                    "operationId": "update_page", "x-vendor-id": "Pages_Update",
                    "tags": ["Things"], "summary": "s", "description": "d",
                    "requestBody": {"description": "d", "required": true, "x-merge-patch": true,
                        "content": {"application/json":
                            {"schema": {"$ref": "#/components/schemas/More"}}}},
                    "responses": {"204": {"description": "d"}},
                },
            },
        },
        "components": {
            "parameters": {
                "Id": {"name": "id", "in": "path", "required": true, "description": "d",
                       "x-id-type": "ThingId", "schema": {"type": "string"}},
            },
            "schemas": {
                "Thing": {"type": "object", "description": "d", "properties": {
                    "id": {"type": "string", "readOnly": true, "description": "d"},
                    "state": {"type": "string", "enum": ["on", "done", "broken"],
                              "x-enum-name": "State", "description": "d"},
                    "more": {"$ref": "#/components/schemas/More"},
                    "shape": {"description": "d",
                              "allOf": [{"$ref": "#/components/schemas/Shape"}]},
                }},
                "Shape": {"type": "object", "description": "d", "required": ["type"],
                    "discriminator": {"propertyName": "type",
                        "mapping": {"circle": "#/components/schemas/Circle"}},
                    "properties": {"type": {"type": "string", "description": "d"}}},
                "Circle": {"allOf": [{"$ref": "#/components/schemas/Shape"}],
                    "description": "d", "properties": {
                        "size": {"type": "number", "description": "d"}}},
                "More": {"type": "object", "description": "d", "x-document": true,
                         "additionalProperties": true,
                         "properties": {"a": {"type": "string", "description": "d"}}},
                "Things": {"type": "object", "description": "d", "required": ["value", "_links"],
                    "properties": {
                        "value": {"type": "array", "description": "d",
                                  "items": {"$ref": "#/components/schemas/Thing"}},
                        "_links": {"description": "d",
                                   "allOf": [{"$ref": "#/components/schemas/Links"}]},
                    }},
                "Links": {"type": "object", "description": "d", "properties": {
                    "next": {"$ref": "#/components/schemas/Link"}}},
                "Link": {"type": "object", "description": "d", "properties": {
                    "href": {"type": "string", "description": "d"}}},
                "Page": {"type": "object", "description": "d", "required": ["value"],
                    "properties": {
                        "value": {"type": "array", "description": "d",
                                  "items": {"$ref": "#/components/schemas/Thing"}},
                        "nextLink": {"type": "string", "nullable": true, "description": "d"},
                    }},
            },
        },
    })
}

fn document(root: &Value) -> Document {
    Document::parse(Path::new("small.json"), root.to_string()).unwrap()
}

/// The good document with one member put in place of another, or taken away.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut root = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (root.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}")), value) {
        (Value::Object(object), Some(value)) => {
            object.insert(key, value);
        }
        (Value::Object(object), None) => {
            object.shift_remove(&key).unwrap_or_else(|| panic!("{pointer}"));
        }
        (Value::Array(list), Some(value)) => match key.parse::<usize>() {
            Ok(index) => list[index] = value,
            Err(_) => list.push(value),
        },
        _ => panic!("{pointer}"),
    }
    root
}

#[test]
fn the_good_document_is_good() {
    assert_eq!(check(&document(&good())), []);
}
