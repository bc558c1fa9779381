//! What a device template says its devices can do, read out of its capability
//! model: telemetry, properties, commands, components and modules.
//!
//! A capability model is an interface of DTDL v2 in IoT Central's dialect: cloud
//! properties have `Cloud` among their types, modules are contents of the type
//! `EdgeModule` with their interface under `target`, and an interface stands
//! where it is used. One that is only named by its id counts as empty (our
//! choice). It knows no devices.

mod capabilities;
mod check;
mod schema;

use serde_json::Value;

pub(super) use capabilities::{capabilities, lost};
pub(super) use check::check;
pub(super) use schema::fault as value_fault;

use super::state::Document;

/// How deep interfaces may extend and hold each other; what is below is not
/// looked at.
const DEPTH: usize = 10;

/// An interface together with those that it extends.
#[derive(Debug, Clone, Default)]
pub(super) struct Interface<'t> {
    parts: Vec<&'t Document>,
}

/// What an interface holds: a capability, a component or a module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'t> {
    document: &'t Document,
}

impl<'t> Interface<'t> {
    /// The capability model of a template.
    pub(super) fn of_template(template: &'t Document) -> Self {
        template.get("capabilityModel").map_or_else(Self::default, Self::read)
    }

    /// An interface, or a list of some that count as one.
    fn read(value: &'t Value) -> Self {
        let mut interface = Self::default();
        interface.add(value, DEPTH);
        interface
    }

    fn add(&mut self, value: &'t Value, depth: usize) {
        if depth == 0 {
            return;
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.add(value, depth - 1)),
            Value::Object(part) => {
                self.parts.push(part);
                if let Some(bases) = part.get("extends") {
                    self.add(bases, depth - 1);
                }
            }
            _ => {}
        }
    }

    pub(super) fn contents(&self) -> impl Iterator<Item = Content<'t>> {
        let lists = self.parts.iter().filter_map(|part| part.get("contents")?.as_array());
        lists.flatten().filter_map(|content| Some(Content { document: content.as_object()? }))
    }

    /// The contents of one type.
    pub(super) fn of_type(&self, kind: &'static str) -> impl Iterator<Item = Content<'t>> {
        self.contents().filter(move |content| content.is(kind))
    }

    /// The content of this type and name.
    pub(super) fn find(&self, kind: &'static str, name: &str) -> Option<Content<'t>> {
        self.of_type(kind).find(|content| content.name() == name)
    }

    /// The interface of a component.
    pub(super) fn component(&self, name: &str) -> Option<Self> {
        Some(self.find("Component", name)?.interface())
    }
}

impl<'t> Content<'t> {
    pub(super) fn name(self) -> &'t str {
        self.text("name").unwrap_or_default()
    }

    pub(super) fn text(self, member: &str) -> Option<&'t str> {
        self.document.get(member)?.as_str()
    }

    /// Whether this is among its types. `@type` is a text or a list of them.
    pub(super) fn is(self, kind: &str) -> bool {
        match self.document.get("@type") {
            Some(Value::String(only)) => only == kind,
            Some(Value::Array(kinds)) => kinds.iter().any(|each| each == kind),
            _ => false,
        }
    }

    /// Its types, as a list.
    pub(super) fn types(self) -> Value {
        match self.document.get("@type") {
            Some(Value::Array(kinds)) => kinds.clone().into(),
            Some(only) => vec![only.clone()].into(),
            None => Value::Array(Vec::new()),
        }
    }

    /// Whether it is a property that only the cloud knows.
    pub(super) fn is_cloud(self) -> bool {
        self.is("Cloud")
    }

    /// Whether this member is true, such as `writable` or `durable`.
    pub(super) fn flag(self, member: &str) -> bool {
        self.document.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn schema(self) -> Option<&'t Value> {
        self.document.get("schema")
    }

    /// Whether it is a command that takes a payload.
    pub(super) fn has_request(self) -> bool {
        self.document.get("request").is_some_and(|request| !request.is_null())
    }

    /// What stands behind a component or a module.
    pub(super) fn interface(self) -> Interface<'t> {
        let member = if self.is("EdgeModule") { "target" } else { "schema" };
        self.document.get(member).map_or_else(Interface::default, Interface::read)
    }
}
