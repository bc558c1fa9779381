//! Finding one's way in an OpenAPI document: operations, references, schemas.
//!
//! Read-only and tolerant: every function takes any JSON and answers with what
//! is there. Whether a document is right is `lint`'s business.

use serde_json::Value;

use crate::document::join;

/// What limits the values of a schema; the same words in Swagger 2.0.
pub const LIMITS: [&str; 13] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The members of a path item that are operations.
pub const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

/// How many references may lead to one another before we call it a circle.
const REFERENCE_DEPTH: usize = 16;

/// One operation and where it stands.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// Path template, as in the document.
    pub path: &'a str,
    /// Method in lower case, as in the document.
    pub method: &'a str,
    /// Pointer to the operation object.
    pub pointer: String,
    /// The operation object.
    pub value: &'a Value,
    /// The path item that holds it.
    pub item: &'a Value,
}

impl<'a> Operation<'a> {
    /// The operation id, or an empty text.
    pub fn id(&self) -> &'a str {
        text(self.value, "operationId")
    }

    /// The parameters that apply, those of the path item first, resolved, each
    /// with the pointer of the place where it is listed.
    pub fn parameters(&self, root: &'a Value) -> Vec<(String, &'a Value)> {
        let item = self.pointer.rsplit_once('/').map_or("", |(item, _)| item);
        [(item, self.item), (self.pointer.as_str(), self.value)]
            .into_iter()
            .flat_map(|(pointer, owner)| {
                let pointer = join(pointer, "parameters");
                list(owner, "parameters")
                    .iter()
                    .enumerate()
                    .map(move |(index, value)| (join(&pointer, &index.to_string()), value))
            })
            .map(|(pointer, value)| (pointer, resolve(root, value).unwrap_or(value)))
            .collect()
    }

    /// The request body, resolved.
    pub fn body(&self, root: &'a Value) -> Option<&'a Value> {
        self.value.get("requestBody").map(|body| resolve(root, body).unwrap_or(body))
    }

    /// The responses by status, resolved.
    pub fn responses(&self, root: &'a Value) -> Vec<(&'a str, &'a Value)> {
        members(self.value, "responses")
            .map(|(status, response)| (status, resolve(root, response).unwrap_or(response)))
            .collect()
    }
}

/// All operations, in the order of the file.
pub fn operations(root: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in members(root, "paths") {
        for (method, value) in entries(item) {
            if METHODS.contains(&method) {
                let pointer = join(&join("/paths", path), method);
                found.push(Operation { path, method, pointer, value, item });
            }
        }
    }
    found
}

/// Follows a local `$ref`, and what it leads to, to an object that is none.
///
/// # Errors
/// The reference that could not be followed.
pub fn resolve<'a>(root: &'a Value, value: &'a Value) -> Result<&'a Value, &'a str> {
    let mut current = value;
    for _ in 0..REFERENCE_DEPTH {
        let Some(reference) = current.get("$ref").and_then(Value::as_str) else {
            return Ok(current);
        };
        let pointer = reference.strip_prefix('#').ok_or(reference)?;
        current = root.pointer(pointer).ok_or(reference)?;
    }
    Err(text(current, "$ref"))
}

/// The name of the component that a schema refers to.
pub fn schema_reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

/// Calls `visit` with pointer and schema of every schema of the document,
/// parents first: those of the components, then those inside operations.
pub fn walk_schemas<'a>(root: &'a Value, visit: &mut dyn FnMut(&str, &'a Value)) {
    let components = root.get("components").unwrap_or(&Value::Null);
    for (name, schema) in members(components, "schemas") {
        walk_schema(&join("/components/schemas", name), schema, visit);
    }
    for kind in ["parameters", "headers", "requestBodies", "responses"] {
        for (name, holder) in members(components, kind) {
            walk_holder(&join(&join("/components", kind), name), holder, visit);
        }
    }
    for (path, item) in members(root, "paths") {
        let pointer = join("/paths", path);
        walk_list(&join(&pointer, "parameters"), list(item, "parameters"), visit);
        for (method, operation) in entries(item) {
            if !METHODS.contains(&method) {
                continue;
            }
            let pointer = join(&pointer, method);
            walk_list(&join(&pointer, "parameters"), list(operation, "parameters"), visit);
            if let Some(body) = operation.get("requestBody") {
                walk_holder(&join(&pointer, "requestBody"), body, visit);
            }
            for (status, response) in members(operation, "responses") {
                walk_holder(&join(&join(&pointer, "responses"), status), response, visit);
            }
        }
    }
}

fn walk_list<'a>(pointer: &str, holders: &'a [Value], visit: &mut dyn FnMut(&str, &'a Value)) {
    for (index, holder) in holders.iter().enumerate() {
        walk_holder(&join(pointer, &index.to_string()), holder, visit);
    }
}

/// A parameter, header, request body or response: whatever holds schemas.
fn walk_holder<'a>(pointer: &str, holder: &'a Value, visit: &mut dyn FnMut(&str, &'a Value)) {
    if let Some(schema) = holder.get("schema") {
        walk_schema(&join(pointer, "schema"), schema, visit);
    }
    for (media, content) in members(holder, "content") {
        if let Some(schema) = content.get("schema") {
            let pointer = join(&join(&join(pointer, "content"), media), "schema");
            walk_schema(&pointer, schema, visit);
        }
    }
    for (name, header) in members(holder, "headers") {
        walk_holder(&join(&join(pointer, "headers"), name), header, visit);
    }
}

/// Visits a schema and those inside it.
pub fn walk_schema<'a>(pointer: &str, schema: &'a Value, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(pointer, schema);
    for (name, property) in members(schema, "properties") {
        walk_schema(&join(&join(pointer, "properties"), name), property, visit);
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
            walk_schema(&join(pointer, key), inner, visit);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, inner) in list(schema, key).iter().enumerate() {
            walk_schema(&join(&join(pointer, key), &index.to_string()), inner, visit);
        }
    }
}

/// The members of an object; none if it is something else.
pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The members of the object called `key` inside `value`.
pub fn members<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    value.get(key).into_iter().flat_map(entries)
}

/// The list called `key` inside `value`; empty if there is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of the list called `key` inside `value`.
pub fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    list(value, key).iter().filter_map(Value::as_str).collect()
}

/// The text called `key` inside `value`; empty if there is none.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Whether the flag called `key` inside `value` is set.
pub fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A status as a number, if it names exactly one successful status.
pub fn success_status(status: &str) -> Option<u16> {
    status.parse().ok().filter(|status| (200..300).contains(status))
}

/// A status as a number, if it names exactly one redirect.
pub fn redirect_status(status: &str) -> Option<u16> {
    status.parse().ok().filter(|status| (300..400).contains(status))
}

/// Whether a declared status is what the operation is for: a success, or a
/// redirect where no success is declared and the caller wants the address.
pub fn is_answer(status: &str, responses: &Value) -> bool {
    let succeeds = || entries(responses).any(|(status, _)| success_status(status).is_some());
    success_status(status).is_some() || (redirect_status(status).is_some() && !succeeds())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_followed_and_circles_end() {
        let root = json!({"a": {"$ref": "#/b"}, "b": {"v": 1}, "c": {"$ref": "#/c"}});
        assert_eq!(resolve(&root, &root["a"]), Ok(&json!({"v": 1})));
        assert_eq!(resolve(&root, &root["c"]), Err("#/c"));
        let outside = json!({"$ref": "other.yaml#/x"});
        assert_eq!(resolve(&root, &outside), Err("other.yaml#/x"));
    }

    #[test]
    fn a_redirect_is_an_answer_where_nothing_else_is() {
        let both = json!({"200": {}, "302": {}, "404": {}});
        assert!(is_answer("200", &both) && !is_answer("302", &both) && !is_answer("404", &both));
        let lone = json!({"302": {}, "404": {}, "default": {}});
        assert!(
            is_answer("302", &lone) && !is_answer("404", &lone) && !is_answer("default", &lone)
        );
    }

    #[test]
    fn parameters_of_the_path_come_first() {
        let root = json!({"paths": {"/x": {
            "parameters": [{"name": "a"}],
            "get": {"operationId": "x", "parameters": [{"name": "b"}]},
        }}});
        let found = operations(&root);
        let names: Vec<_> = found[0]
            .parameters(&root)
            .into_iter()
            .map(|(pointer, value)| (pointer, text(value, "name")))
            .collect();
        assert_eq!(
            names,
            [
                ("/paths/~1x/parameters/0".to_owned(), "a"),
                ("/paths/~1x/get/parameters/0".to_owned(), "b"),
            ],
        );
    }

    #[test]
    fn every_schema_is_visited_with_its_pointer() {
        let root = json!({
            "paths": {"/x": {"get": {"responses": {"200": {"content": {"application/json": {
                "schema": {"type": "array", "items": {"type": "string"}},
            }}}}}}},
            "components": {"schemas": {"A": {"properties": {"b/c": {}}}}},
        });
        let mut seen = Vec::new();
        walk_schemas(&root, &mut |pointer, _| seen.push(pointer.to_owned()));
        let response = "/paths/~1x/get/responses/200/content/application~1json/schema";
        assert_eq!(
            seen,
            [
                "/components/schemas/A".to_owned(),
                "/components/schemas/A/properties/b~1c".to_owned(),
                response.to_owned(),
                format!("{response}/items"),
            ],
        );
    }
}
