//! Reads one schema, in either dialect.

use std::collections::BTreeMap;

use serde_json::Value;

use super::limits;
use super::node::Node;
use crate::document::Problem;
use crate::drift::surface::{Additional, Property, Schema};

/// Schemas nested deeper than this are a circle or a mistake.
const MAX_DEPTH: usize = 64;

/// Where named schemas stand, by dialect.
const HOMES: [&str; 2] = ["#/components/schemas/", "#/definitions/"];

/// Reads the schema at `node`.
pub fn read(node: &Node<'_>) -> Result<Schema, Problem> {
    read_at(node, 0)
}

fn read_at(node: &Node<'_>, depth: usize) -> Result<Schema, Problem> {
    if depth > MAX_DEPTH {
        return Err(node.problem(
            "schemas are nested too deep here",
            "give the repeating part a name and refer to it",
        ));
    }
    match node.value {
        Value::Bool(true) => return Ok(Schema::default()),
        Value::Object(_) => {}
        _ => {
            return Err(node.problem("a schema is expected here", "write an object"));
        }
    }
    if let Some(reference) = node.reference()? {
        let target = node.resolved()?;
        let mut schema = match name_of(reference) {
            Some(name) => Schema { reference: Some(name), ..Schema::default() },
            None => read_at(&target, depth + 1)?,
        };
        schema.read_only |= node.flag("readOnly")?;
        schema.nullable |= nullable(node)?;
        schema.deprecated |= node.flag("deprecated")?;
        schema.limits.extend(limits::read(node)?);
        return Ok(schema);
    }

    let mut schema = Schema { read_only: node.flag("readOnly")?, ..Schema::default() };
    schema.nullable = nullable(node)?;
    schema.deprecated = node.flag("deprecated")?;
    schema.limits = limits::read(node)?;
    read_type(node, &mut schema)?;
    if let Some(format) = node.text("format")? {
        schema.format = Some(format.to_owned());
    }
    for value in node.list_of("enum")? {
        schema.values.push(value_text(value.value));
    }
    if let Some(constant) = node.get("const") {
        schema.values.push(value_text(constant.value));
    }
    if let Some(items) = node.get("items") {
        schema.items = Some(Box::new(read_at(&items, depth + 1)?));
    }
    for (name, member) in node.members_of("properties")? {
        let property = Property { schema: read_at(&member, depth + 1)?, required: false };
        schema.properties.insert(name.to_owned(), property);
    }
    read_additional(node, &mut schema, depth)?;
    (schema.discriminator, schema.kinds) = discriminator(node)?;
    read_parts(node, &mut schema, depth)?;
    mark_required(node, &mut schema)?;
    if schema.kind.is_none() && schema.bases.is_empty() && schema.reference.is_none() {
        if schema.items.is_some() {
            schema.kind = Some("array".to_owned());
        } else if !schema.properties.is_empty() {
            schema.kind = Some("object".to_owned());
        }
    }
    Ok(schema)
}

/// The name a reference gives, if it points right at a named schema.
fn name_of(reference: &str) -> Option<String> {
    let name = HOMES.iter().find_map(|home| reference.strip_prefix(home))?;
    (!name.contains('/')).then(|| name.replace("~1", "/").replace("~0", "~"))
}

fn nullable(node: &Node<'_>) -> Result<bool, Problem> {
    Ok(node.flag("nullable")? || node.flag("x-nullable")?)
}

/// `type` is text, or in OpenAPI 3.1 a list in which `null` means nullable.
fn read_type(node: &Node<'_>, schema: &mut Schema) -> Result<(), Problem> {
    let Some(kind) = node.get("type") else { return Ok(()) };
    let mut kinds = if kind.value.is_array() { node.texts("type")? } else { vec![kind.as_text()?] };
    if kinds.contains(&"null") {
        schema.nullable = true;
        kinds.retain(|kind| *kind != "null");
    }
    kinds.sort_unstable();
    if kinds == ["file"] {
        // Swagger 2.0's word for what OpenAPI 3 calls a binary string.
        schema.kind = Some("string".to_owned());
        schema.format = Some("binary".to_owned());
    } else if !kinds.is_empty() {
        schema.kind = Some(kinds.join("|"));
    }
    Ok(())
}

fn read_additional(node: &Node<'_>, schema: &mut Schema, depth: usize) -> Result<(), Problem> {
    let Some(additional) = node.get("additionalProperties") else { return Ok(()) };
    schema.additional = match additional.value {
        Value::Bool(true) => Additional::Anything,
        Value::Bool(false) => Additional::Nothing,
        Value::Object(object) if object.keys().all(|key| key == "description") => {
            Additional::Anything
        }
        _ => Additional::Typed(Box::new(read_at(&additional, depth + 1)?)),
    };
    if schema.kind.is_none() {
        schema.kind = Some("object".to_owned());
    }
    Ok(())
}

/// Text in Swagger 2.0, an object in OpenAPI 3, which also lists the kinds.
fn discriminator(node: &Node<'_>) -> Result<(Option<String>, Vec<String>), Problem> {
    let Some(found) = node.get("discriminator") else { return Ok((None, Vec::new())) };
    if !found.value.is_object() {
        return Ok((Some(found.as_text()?.to_owned()), Vec::new()));
    }
    let mut kinds = Vec::new();
    for (value, target) in found.members_of("mapping")? {
        let target = target.as_text()?;
        let name = name_of(target).unwrap_or_else(|| target.to_owned());
        kinds.push(kind(value, &name));
    }
    kinds.sort_unstable();
    Ok((Some(found.needed_text("propertyName")?.to_owned()), kinds))
}

/// How a kind is told: the value that names it, and its schema.
fn kind(value: &str, name: &str) -> String {
    format!("{value}={name}")
}

/// `allOf` names bases and folds the rest in; `oneOf` and `anyOf` name variants.
fn read_parts(node: &Node<'_>, schema: &mut Schema, depth: usize) -> Result<(), Problem> {
    for part in node.list_of("allOf")? {
        let part = read_at(&part, depth + 1)?;
        match part.reference {
            Some(name) => {
                schema.bases.push(name);
                schema.read_only |= part.read_only;
                schema.nullable |= part.nullable;
                schema.deprecated |= part.deprecated;
                schema.limits.extend(part.limits);
            }
            None => fold(schema, part),
        }
    }
    for word in ["oneOf", "anyOf"] {
        for part in node.list_of(word)? {
            let part = read_at(&part, depth + 1)?;
            schema.variants.push(part.describe());
        }
    }
    schema.bases.sort_unstable();
    schema.variants.sort_unstable();
    // `allOf: [ref]` with nothing beside it is how OpenAPI 3.0 puts a word next to a reference.
    let alone = Schema {
        bases: schema.bases.clone(),
        read_only: schema.read_only,
        nullable: schema.nullable,
        deprecated: schema.deprecated,
        limits: schema.limits.clone(),
        ..Schema::default()
    };
    if let [only] = schema.bases.as_slice()
        && depth > 0
        && *schema == alone
    {
        schema.reference = Some(only.clone());
        schema.bases.clear();
    }
    Ok(())
}

fn fold(schema: &mut Schema, part: Schema) {
    schema.kind = schema.kind.take().or(part.kind);
    schema.format = schema.format.take().or(part.format);
    schema.items = schema.items.take().or(part.items);
    schema.discriminator = schema.discriminator.take().or(part.discriminator);
    schema.values.extend(part.values);
    schema.bases.extend(part.bases);
    schema.variants.extend(part.variants);
    schema.properties.extend(part.properties);
    schema.nullable |= part.nullable;
    schema.read_only |= part.read_only;
    schema.deprecated |= part.deprecated;
    schema.limits.extend(part.limits);
    if schema.additional == Additional::Anything {
        schema.additional = part.additional;
    }
}

/// Marks the required members. In Swagger 2.0 a parameter's `required` is a
/// flag and none of the schema's business. A required name without a property
/// is legal and reads as a property of any type.
fn mark_required(node: &Node<'_>, schema: &mut Schema) -> Result<(), Problem> {
    if node.get("required").is_some_and(|required| required.value.is_boolean()) {
        return Ok(());
    }
    for name in node.texts("required")? {
        match schema.properties.get_mut(name) {
            Some(property) => property.required = true,
            // The property is a base's: only the base can be told apart by name.
            None if !schema.bases.is_empty() => {}
            None => {
                let property = Property { schema: Schema::default(), required: true };
                schema.properties.insert(name.to_owned(), property);
            }
        }
    }
    Ok(())
}

fn value_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads all named schemas of the object at `home`.
pub fn read_all(home: Option<Node<'_>>) -> Result<BTreeMap<String, Schema>, Problem> {
    let Some(home) = home else { return Ok(BTreeMap::new()) };
    let mut schemas = BTreeMap::new();
    for (name, node) in home.members()? {
        schemas.insert(name.to_owned(), read(&node)?);
    }
    // In Swagger 2.0 each kind names its value itself.
    for (name, node) in home.members()? {
        let Some(value) = node.text("x-ms-discriminator-value")? else { continue };
        let bases = schemas.get(name).map(|schema: &Schema| schema.bases.clone());
        for base in bases.unwrap_or_default() {
            if let Some(base) = schemas.get_mut(&base).filter(|it| it.discriminator.is_some()) {
                base.kinds.push(kind(value, name));
                base.kinds.sort_unstable();
            }
        }
    }
    Ok(schemas)
}
