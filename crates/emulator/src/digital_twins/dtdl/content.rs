//! The contents of an interface: properties, telemetry, components,
//! relationships and commands.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    Language, dtmi,
    members::{Scope, join, list, reference},
    schema::{self, Schema},
};

/// One entry of `contents`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Property(Schema),
    /// Declared, never stored on a twin.
    Telemetry(Schema),
    /// Read and without effect: the platform has no commands.
    Command,
    /// Id of the interface that the component is of.
    Component(String),
    Relationship(Relationship),
}

/// A declared relationship.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Relationship {
    /// Model of the target twin; any, if none is named. It need not be stored.
    pub(crate) target: Option<String>,
    pub(crate) properties: IndexMap<String, Schema>,
}

/// Reads one entry of `contents`: its name and what it declares.
pub(super) fn read(scope: &mut Scope<'_>, entry: &Value) -> Option<(String, Content)> {
    let object = scope.object(entry, "contents")?;
    let name = scope.name(object, "contents")?.to_owned();
    let member = format!("contents/{name}");
    let classes = ["Property", "Telemetry", "Command", "Component", "Relationship"];
    let content = match scope.class(object, &classes, &member)? {
        "Property" => Content::Property(property(scope, object, &member)?),
        "Telemetry" => {
            scope.only(object, quantity(scope.language, &TELEMETRY), &member);
            Content::Telemetry(of_schema(scope, object, &member)?)
        }
        "Command" => {
            command(scope, object, &member);
            Content::Command
        }
        "Component" => {
            scope.only(object, &["name", "schema"], &member);
            Content::Component(component(scope, object, &member)?)
        }
        _ => Content::Relationship(relationship(scope, object, &member)),
    };
    Some((name, content))
}

fn of_schema(scope: &mut Scope<'_>, object: &Map<String, Value>, member: &str) -> Option<Schema> {
    let Some(value) = object.get("schema") else {
        scope.fault(member, "schema is missing");
        return None;
    };
    schema::read(scope, value, &join(member, "schema"))
}

fn property(scope: &mut Scope<'_>, object: &Map<String, Value>, member: &str) -> Option<Schema> {
    scope.only(object, quantity(scope.language, &PROPERTY), member);
    if object.get("writable").is_some_and(|writable| !writable.is_boolean()) {
        scope.fault(&join(member, "writable"), "must be true or false");
    }
    of_schema(scope, object, member)
}

/// Words of a property and of a telemetry; the first is `unit`.
const PROPERTY: [&str; 4] = ["unit", "name", "schema", "writable"];
const TELEMETRY: [&str; 3] = ["unit", "name", "schema"];

/// The words without `unit` where only an extension has that.
fn quantity<'w>(language: Language, words: &'w [&'w str]) -> &'w [&'w str] {
    match words {
        [_, rest @ ..] if language == Language::V3 => rest,
        all => all,
    }
}

/// A command has no effect, but its payloads must be well formed.
fn command(scope: &mut Scope<'_>, object: &Map<String, Value>, member: &str) {
    scope.only(object, &["name", "commandType", "request", "response"], member);
    for side in ["request", "response"] {
        let Some(payload) = object.get(side) else { continue };
        let place = join(member, side);
        let Some(payload) = scope.object(payload, &place) else { continue };
        scope.name(payload, &place);
        of_schema(scope, payload, &place);
    }
}

fn component(scope: &mut Scope<'_>, object: &Map<String, Value>, member: &str) -> Option<String> {
    let place = join(member, "schema");
    let Some(value) = object.get("schema") else {
        scope.fault(member, "schema is missing");
        return None;
    };
    match reference(value) {
        Some(id) if dtmi::is_interface_id(id, Language::V3) => Some(id.to_owned()),
        Some(id) => {
            scope.fault(&place, format!("{id:?} is not a DTMI"));
            None
        }
        None => {
            scope.fault(&place, "must name an interface; a definition in place is not supported");
            None
        }
    }
}

fn relationship(scope: &mut Scope<'_>, object: &Map<String, Value>, member: &str) -> Relationship {
    scope.only(
        object,
        &["name", "maxMultiplicity", "minMultiplicity", "properties", "target", "writable"],
        member,
    );
    let (most_min, most_max) = match scope.language {
        Language::V2 => (0, 500),
        Language::V3 => (u64::MAX, u64::MAX),
    };
    for (key, range) in [("minMultiplicity", 0..=most_min), ("maxMultiplicity", 1..=most_max)] {
        let Some(count) = object.get(key) else { continue };
        if !count.as_u64().is_some_and(|count| range.contains(&count)) {
            let text = format!("must be a whole number from {} to {}", range.start(), range.end());
            scope.fault(&join(member, key), text);
        }
    }
    let target = object.get("target").and_then(|value| {
        let id = reference(value).filter(|id| dtmi::is_interface_id(id, Language::V3));
        if id.is_none() {
            scope.fault(&join(member, "target"), "must be a DTMI");
        }
        id.map(str::to_owned)
    });
    let mut properties = IndexMap::new();
    for value in object.get("properties").map(list).unwrap_or_default() {
        let place = join(member, "properties");
        let Some(object) = scope.object(value, &place) else { continue };
        let Some(name) = scope.name(object, &place) else { continue };
        let place = join(&place, name);
        scope.class(object, &["Property"], &place);
        let Some(schema) = property(scope, object, &place) else { continue };
        if properties.insert(name.to_owned(), schema).is_some() {
            scope.fault(&place, "is defined twice");
        }
    }
    Relationship { target, properties }
}
