//! Turns what the vendor promises into OpenAPI 3.0 values: facts only, with
//! an empty description wherever `lint` wants one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::drift::surface::{Additional, Body, Carrier, Parameter, Response, Schema};

/// The vendor's schema names to ours, where they differ.
pub type Renamed = BTreeMap<String, String>;

/// A reference to one of our named schemas.
fn reference(name: &str, renamed: &Renamed) -> Value {
    let name = renamed.get(name).map_or(name, String::as_str);
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A schema; `described` where a person should say what it is.
pub fn schema(schema: &Schema, described: bool, renamed: &Renamed) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    if let Some(name) = &schema.reference {
        let alone = !schema.read_only && !schema.nullable && !schema.deprecated;
        if !described && alone && schema.limits.is_empty() {
            return reference(name, renamed);
        }
        put("allOf", json!([reference(name, renamed)]));
    }
    if let Some(kind) = &schema.kind {
        put("type", json!(kind));
    }
    if let Some(format) = &schema.format {
        put("format", json!(format));
    }
    if described {
        put("description", json!(""));
    }
    if schema.read_only {
        put("readOnly", json!(true));
    }
    if schema.nullable {
        put("nullable", json!(true));
    }
    if schema.deprecated {
        put("deprecated", json!(true));
    }
    for (word, limit) in &schema.limits {
        put(word, limit.clone());
    }
    if !schema.values.is_empty() {
        let values = schema.values.iter().map(|text| enum_value(text, schema));
        put("enum", values.collect());
    }
    let references = |names: &[String]| {
        Value::Array(names.iter().map(|name| reference(name, renamed)).collect())
    };
    if !schema.bases.is_empty() {
        put("allOf", references(&schema.bases));
    }
    if !schema.variants.is_empty() {
        put("oneOf", references(&schema.variants));
    }
    if let Some(property) = &schema.discriminator {
        put("discriminator", json!({ "propertyName": property }));
    }
    let required: Vec<_> = schema
        .properties
        .iter()
        .filter(|(_, property)| property.required)
        .map(|(name, _)| name)
        .collect();
    if !required.is_empty() {
        put("required", json!(required));
    }
    if !schema.properties.is_empty() {
        put("properties", properties(schema, renamed));
    }
    if let Some(items) = &schema.items {
        put("items", self::schema(items, false, renamed));
    }
    match &schema.additional {
        Additional::Anything if schema.is_bare() && schema.kind.is_some() => {
            put("additionalProperties", json!(true));
        }
        Additional::Anything => {}
        Additional::Nothing => put("additionalProperties", json!(false)),
        Additional::Typed(of) => {
            put("additionalProperties", self::schema(of, false, renamed));
        }
    }
    Value::Object(object)
}

/// The members of an object.
pub fn properties(schema: &Schema, renamed: &Renamed) -> Value {
    let members = schema
        .properties
        .iter()
        .map(|(name, property)| (name.clone(), self::schema(&property.schema, true, renamed)));
    Value::Object(members.collect())
}

/// An enum value: surfaces keep them as text.
pub fn enum_value(text: &str, schema: &Schema) -> Value {
    if schema.kind.as_deref() == Some("string") {
        return json!(text);
    }
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// A parameter under the name it is to have with us.
pub fn parameter(parameter: &Parameter, name: &str, renamed: &Renamed) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(name));
    object.insert("in".to_owned(), json!(parameter.carrier.as_str()));
    object.insert("description".to_owned(), json!(""));
    if parameter.required {
        object.insert("required".to_owned(), json!(true));
    }
    let in_form = matches!(parameter.carrier, Carrier::Query | Carrier::Cookie);
    let style = match parameter.style.as_deref() {
        Some("ssv") => Some("spaceDelimited"),
        Some("pipes") => Some("pipeDelimited"),
        _ => None,
    };
    if let Some(style) = style {
        object.insert("style".to_owned(), json!(style));
    }
    if style.is_some() || (in_form && parameter.style.as_deref() == Some("csv")) {
        object.insert("explode".to_owned(), json!(false));
    }
    object.insert("schema".to_owned(), schema(&parameter.schema, false, renamed));
    Value::Object(object)
}

/// Schemas under their media types.
pub fn content(content: &BTreeMap<String, Schema>, renamed: &Renamed) -> Value {
    let entries = content.iter().map(|(media, schema)| {
        (media.clone(), json!({ "schema": self::schema(schema, false, renamed) }))
    });
    Value::Object(entries.collect())
}

/// A request body.
pub fn body(body: &Body, renamed: &Renamed) -> Value {
    let mut object = Map::new();
    object.insert("description".to_owned(), json!(""));
    if body.required {
        object.insert("required".to_owned(), json!(true));
    }
    object.insert("content".to_owned(), content(&body.content, renamed));
    Value::Object(object)
}

/// A response header.
pub fn header(of: &Schema, renamed: &Renamed) -> Value {
    json!({ "description": "", "schema": schema(of, false, renamed) })
}

/// An answer.
pub fn response(response: &Response, renamed: &Renamed) -> Value {
    let mut object = Map::new();
    object.insert("description".to_owned(), json!(""));
    if !response.headers.is_empty() {
        let headers = response
            .headers
            .values()
            .map(|found| (found.name.clone(), header(&found.schema, renamed)));
        object.insert("headers".to_owned(), Value::Object(headers.collect()));
    }
    if !response.content.is_empty() {
        object.insert("content".to_owned(), content(&response.content, renamed));
    }
    Value::Object(object)
}
