//! Writing properties from the cloud: all of a request or nothing.
//!
//! Our choices: at the level of a device or a module, members named like one of
//! its components hold that component's properties. A replacement takes back what
//! was set before and is not named now, at this level and in the components that
//! are named; other components stay. Null takes a value back. What a device
//! reported is never taken away. `$metadata` is passed over, so that what was read
//! can be sent back.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Place, properties::Desired};
use crate::iot_central::{
    ApiError,
    config::Config,
    model::{Interface, value_fault},
    rules::merge,
    state::{Document, State},
};

/// Most bytes of one property, as JSON.
const PROPERTY_BYTES: usize = 4 * 1024;
/// Most bytes of all desired properties of a device or a module together.
const SECTION_BYTES: usize = 32 * 1024;
const METADATA: &str = "$metadata";

/// How properties are written.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::iot_central) struct Write {
    /// Whether what is not named is taken back.
    pub(in crate::iot_central) replaces: bool,
    /// Whether properties that the template does not know are taken.
    pub(in crate::iot_central) unmodeled: bool,
}

/// One property to be set or taken back.
struct Edit {
    place: Place,
    name: String,
    value: Option<Value>,
    is_cloud: bool,
}

impl State {
    /// Sets properties of a part of a device; answers what is wanted of the
    /// device under `$metadata`, and cloud properties as they are.
    pub(in crate::iot_central) fn write_properties(
        &mut self,
        device: &str,
        place: &Place,
        body: &Document,
        how: Write,
        (config, now): (&Config, Timestamp),
    ) -> Result<Document, ApiError> {
        let mut faults = Vec::new();
        let mut edits = Vec::new();
        let interface = self.interface(device, place)?;
        self.plan(device, place, &interface, body, how, (&mut edits, &mut faults));
        if self.section_bytes(device, &edits) > SECTION_BYTES {
            faults.push(format!("the properties have more than {SECTION_BYTES} bytes together"));
        }
        if !faults.is_empty() {
            return Err(ApiError::invalid_body(&faults));
        }
        let pace = self.acknowledging(device, config);
        let twin = self.twins.get_or_default(device.to_owned());
        let changes = edits.iter().any(|edit| !edit.is_cloud);
        twin.desired_version += u64::from(changes);
        let version = twin.desired_version;
        let mut answer = Document::new();
        below(&mut answer, METADATA);
        for Edit { place: at, name, value, is_cloud } in edits {
            let properties = &mut twin.part_mut(&at).properties;
            properties.settle(pace, now);
            let level = match &at.component {
                Some(component) if place.component.is_none() => below(&mut answer, component),
                _ => Some(&mut answer),
            };
            if let (Some(level), Some(value)) = (level, &value) {
                if is_cloud {
                    level.insert(name.clone(), value.clone());
                } else if let Some(metadata) = below(level, METADATA) {
                    metadata.insert(name.clone(), json!({"desiredValue": value}));
                }
            }
            if is_cloud {
                properties.set_cloud(&name, value);
            } else {
                let desired = value.map(|value| Desired { value, version, at: now });
                properties.want(&name, desired);
            }
        }
        Ok(answer)
    }

    /// What a body comes to at one level and in the components it names.
    fn plan(
        &self,
        device: &str,
        place: &Place,
        interface: &Interface<'_>,
        body: &Document,
        how: Write,
        (edits, faults): (&mut Vec<Edit>, &mut Vec<String>),
    ) {
        let known = self.twins.get(device).and_then(|twin| twin.part(place));
        let known = known.map(|part| &part.properties);
        for (name, value) in body.iter().filter(|(name, _)| *name != METADATA) {
            let component = interface.component(name).filter(|_| place.component.is_none());
            if let Some(component) = component {
                let inner = Place { component: Some(name.clone()), ..place.clone() };
                match value.as_object() {
                    Some(body) => {
                        self.plan(device, &inner, &component, body, how, (edits, faults));
                    }
                    None => faults.push(format!("{name} is a component and no object")),
                }
                continue;
            }
            let property = interface.find("Property", name);
            let is_cloud = property.is_some_and(|property| property.is_cloud());
            match property {
                None if how.unmodeled => {}
                None => faults.push(format!("{name} is no property of {place}")),
                Some(property) if !is_cloud && !property.flag("writable") => {
                    faults.push(format!("{name} is not writable"));
                }
                Some(_) => {}
            }
            let before = known.and_then(|known| known.get(name)?.set_value());
            let value = match (value, before) {
                (Value::Object(patch), Some(Value::Object(before))) if !how.replaces => {
                    let mut merged = before.clone();
                    merge(&mut merged, patch.clone());
                    Value::Object(merged)
                }
                _ => value.clone(),
            };
            let value = (!value.is_null()).then_some(value);
            if let Some(value) = &value {
                let schema = property.and_then(|property| property.schema());
                if let Some(fault) = value_fault(schema, value) {
                    faults.push(format!("{name} {fault}"));
                }
                if bytes(value) > PROPERTY_BYTES {
                    faults.push(format!("{name} has more than {PROPERTY_BYTES} bytes"));
                }
            }
            edits.push(Edit { place: place.clone(), name: name.clone(), value, is_cloud });
        }
        for (name, property) in known.into_iter().flat_map(|known| known.iter()) {
            if how.replaces && property.set_value().is_some() && !body.contains_key(name) {
                let is_cloud = property.cloud.is_some();
                edits.push(Edit {
                    place: place.clone(),
                    name: name.clone(),
                    value: None,
                    is_cloud,
                });
            }
        }
    }

    /// The bytes of all that is wanted of a device or a module after the edits.
    fn section_bytes(&self, device: &str, edits: &[Edit]) -> usize {
        let Some(first) = edits.first() else { return 0 };
        let edited = |component: Option<&str>, name: &str| {
            let here = |edit: &Edit| edit.place.component.as_deref() == component;
            edits.iter().any(|edit| here(edit) && edit.name == name)
        };
        let sections = self.twins.get(device).map(|twin| twin.section(&first.place));
        let mut sum = 0;
        for (component, part) in sections.into_iter().flatten() {
            for (name, property) in part.properties.iter() {
                if let Some(desired) = &property.desired
                    && !edited(component, name)
                {
                    sum += name.len() + bytes(&desired.value);
                }
            }
        }
        let new = edits.iter().filter(|edit| !edit.is_cloud);
        let new = new.filter_map(|edit| Some(edit.name.len() + bytes(edit.value.as_ref()?)));
        sum + new.sum::<usize>()
    }
}

/// The object under a name, made if it is not there.
fn below<'m>(members: &'m mut Document, name: &str) -> Option<&'m mut Document> {
    members.entry(name).or_insert_with(|| json!({})).as_object_mut()
}

fn bytes(value: &Value) -> usize {
    value.to_string().len()
}
