//! Which properties of a device can be set from outside: told by its template
//! and by what the service says of each. It must not know devices.
//!
//! What the platform's documents leave open, and is our choice: a value that
//! was asked for (`desiredValue`) is carried rather than the one reported, and a
//! value of which neither the template nor the metadata says anything counts as
//! a cloud property.

use std::collections::HashMap;

use serde_json::Value;

use super::same::contains;
use crate::Json;
use crate::archive::document::Members;

const METADATA: &str = "$metadata";

/// What a template says of the properties of one level.
#[derive(Debug, Default)]
pub(super) struct Interface(HashMap<String, Kind>);

#[derive(Debug)]
enum Kind {
    /// Set from outside, reported by the device.
    Writable,
    /// Kept by the application only.
    Cloud,
    /// Set by the device only.
    Reported,
    /// A component or a module, with properties of its own.
    Level(Interface),
}

/// A property that can be carried: its component, if it is of one, its name and
/// its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    component: Option<String>,
    name: String,
    value: Json,
}

/// The properties of a device or a module.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) carried: Vec<Property>,
    /// Names of those that only the device can set.
    pub(super) reported: Vec<String>,
}

impl Interface {
    /// What a device template says.
    pub(super) fn of_template(template: &Members) -> Self {
        let model: Value = template.read("capabilityModel").unwrap_or_default();
        let mut interface = Self::default();
        interface.read(&model);
        interface
    }

    /// What it says of a module.
    pub(super) fn module(&self, name: &str) -> Option<&Self> {
        match self.0.get(name) {
            Some(Kind::Level(interface)) => Some(interface),
            _ => None,
        }
    }

    /// Reads an interface, with those that it extends if they stand in it.
    fn read(&mut self, interface: &Value) {
        for extended in each(interface.get("extends")) {
            self.read(extended);
        }
        for content in each(interface.get("contents")) {
            let Some(name) = content.get("name").and_then(Value::as_str) else { continue };
            let is = |kind: &str| each(content.get("@type")).any(|found| found == kind);
            let kind = if is("Component") {
                Self::level(content.get("schema"))
            } else if is("EdgeModule") {
                Self::level(content.get("target"))
            } else if !is("Property") {
                continue;
            } else if is("Cloud") || is("CloudProperty") {
                Kind::Cloud
            } else if content.get("writable").and_then(Value::as_bool) == Some(true) {
                Kind::Writable
            } else {
                Kind::Reported
            };
            self.0.insert(name.to_owned(), kind);
        }
    }

    fn level(schemas: Option<&Value>) -> Kind {
        let mut interface = Self::default();
        for schema in each(schemas) {
            interface.read(schema);
        }
        Kind::Level(interface)
    }
}

/// The items of a list, or the one thing that stands for it.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(one)
}

/// Sorts the properties of a document by whether they can be carried.
pub(super) fn sort(interface: Option<&Interface>, document: &Members) -> Sorted {
    let mut sorted = Sorted::default();
    let metadata = document.read::<Members>(METADATA).unwrap_or_default();
    for (name, value) in document.iter().filter(|(name, _)| *name != METADATA) {
        let kind = interface.and_then(|interface| interface.0.get(name));
        match (kind, value.parse::<Members>()) {
            (Some(Kind::Level(below)), Ok(level)) => sorted.level(name, Some(below), &level),
            (None, Ok(level)) if level.get(METADATA).is_some() => sorted.level(name, None, &level),
            _ => sorted.add(None, name, kind, value, &metadata),
        }
    }
    sorted.asked_for(None, document, &metadata);
    sorted
}

impl Sorted {
    /// The properties of a component.
    fn level(&mut self, component: &str, interface: Option<&Interface>, level: &Members) {
        let metadata = level.read::<Members>(METADATA).unwrap_or_default();
        for (name, value) in level.iter().filter(|(name, _)| *name != METADATA) {
            let kind = interface.and_then(|interface| interface.0.get(name));
            self.add(Some(component), name, kind, value, &metadata);
        }
        self.asked_for(Some(component), level, &metadata);
    }

    fn add(
        &mut self,
        component: Option<&str>,
        name: &str,
        kind: Option<&Kind>,
        value: &Json,
        metadata: &Members,
    ) {
        let is_known = metadata.get(name).is_some();
        let value = match (desired(metadata, name), kind) {
            (Some(desired), _) => desired,
            (None, Some(Kind::Cloud)) => value.clone(),
            (None, Some(Kind::Writable) | None) if !is_known => value.clone(),
            _ => {
                let path = component.map(|component| format!("{component}.{name}"));
                self.reported.push(path.unwrap_or_else(|| name.to_owned()));
                return;
            }
        };
        // In a merge patch, null takes away: there is nothing to set.
        if value.get() != "null" {
            let (component, name) = (component.map(str::to_owned), name.to_owned());
            self.carried.push(Property { component, name, value });
        }
    }

    /// Values that were asked for, and that no device has taken over yet: they
    /// stand in the metadata only.
    fn asked_for(&mut self, component: Option<&str>, level: &Members, metadata: &Members) {
        for (name, _) in metadata.iter().filter(|(name, _)| level.get(name).is_none()) {
            if let Some(value) = desired(metadata, name) {
                let (component, name) = (component.map(str::to_owned), name.to_owned());
                self.carried.push(Property { component, name, value });
            }
        }
    }
}

/// The value that was asked for, if one was.
fn desired(metadata: &Members, name: &str) -> Option<Json> {
    metadata.read::<Members>(name)?.get("desiredValue").cloned()
}

/// How a property stands in a document of the application's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Lacking,
    Same,
    Different,
}

impl Property {
    pub(super) fn path(&self) -> String {
        match &self.component {
            Some(component) => format!("{component}.{}", self.name),
            None => self.name.clone(),
        }
    }

    pub(super) fn standing(&self, there: Option<&Members>) -> Standing {
        let found = match (there, &self.component) {
            (None, _) => None,
            (Some(there), None) => self.found(there),
            (Some(there), Some(component)) => {
                there.read::<Members>(component).and_then(|level| self.found(&level))
            }
        };
        let Some(found) = found else { return Standing::Lacking };
        let values = (found.parse::<Value>(), self.value.parse::<Value>());
        match values {
            (Ok(found), Ok(wanted)) if contains(&found, &wanted) => Standing::Same,
            _ => Standing::Different,
        }
    }

    fn found(&self, level: &Members) -> Option<Json> {
        let metadata = level.read::<Members>(METADATA).unwrap_or_default();
        desired(&metadata, &self.name).or_else(|| level.get(&self.name).cloned())
    }
}

/// The merge patch that sets properties.
pub(super) fn patch<'a>(
    properties: impl IntoIterator<Item = &'a Property>,
) -> Result<Members, crate::Error> {
    let mut body = Members::default();
    for Property { component, name, value } in properties {
        match component {
            None => body.set(name, value.clone()),
            Some(component) => {
                let mut level = body.read::<Members>(component).unwrap_or_default();
                level.set(name, value.clone());
                body.set(component, level.to_json()?);
            }
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(value: Value) -> Members {
        Json::from(value).parse().unwrap()
    }

    fn template() -> Interface {
        let part = json!({"@type": "Interface", "contents": [
            {"@type": "Property", "name": "limit", "writable": true},
            {"@type": ["Property"], "name": "serial"},
        ]});
        Interface::of_template(&members(json!({"capabilityModel": {
            "extends": [{"contents": [{"@type": ["Property", "Cloud"], "name": "owner"}]}],
            "contents": [
                {"@type": ["Property", "DoubleValue"], "name": "target", "writable": true},
                {"@type": "Property", "name": "version"},
                {"@type": "Telemetry", "name": "flow"},
                {"@type": "Component", "name": "part", "schema": part.clone()},
                {"@type": ["Relationship", "EdgeModule"], "name": "m", "target": [part]},
            ],
        }})))
    }

    #[test]
    fn what_the_device_alone_sets_is_told_and_the_rest_is_sent_without_metadata() {
        let document = members(json!({
            "target": 20.0, "version": "1", "owner": "x", "odd": 1, "none": null,
            "part": {"limit": 3, "serial": "s", "$metadata": {"limit": {"desiredValue": 5}}},
            "$metadata": {
                "target": {"desiredValue": 21.50, "ackCode": 200}, "owner": {"lastUpdateTime": "t"},
                "asked": {"desiredValue": true}, "version": {"lastUpdateTime": "t"},
            },
        }));
        let sorted = sort(Some(&template()), &document);
        let mut reported = sorted.reported.clone();
        reported.sort();
        assert_eq!(reported, ["part.serial", "version"]);
        let body: Value = patch(&sorted.carried).unwrap().to_json().unwrap().parse().unwrap();
        let expected = json!({
            "target": 21.5, "owner": "x", "odd": 1, "asked": true, "part": {"limit": 5}
        });
        assert_eq!(body, expected);
        assert!(template().module("m").is_some() && template().module("target").is_none());
    }

    #[test]
    fn standing_goes_by_what_was_asked_for() {
        let property = |component: Option<&str>| Property {
            component: component.map(str::to_owned),
            name: "a".to_owned(),
            value: Json::from(json!(1)),
        };
        let there = members(json!({
            "a": 2, "$metadata": {"a": {"desiredValue": 1}}, "part": {"a": 2}
        }));
        assert_eq!(property(None).standing(Some(&there)), Standing::Same);
        assert_eq!(property(Some("part")).standing(Some(&there)), Standing::Different);
        assert_eq!(property(Some("other")).standing(Some(&there)), Standing::Lacking);
        assert_eq!(property(None).standing(None), Standing::Lacking);
    }
}
