//! Properties of a part: what the cloud wants, what the device reported, what
//! only the cloud knows.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::iot_central::state::Document;

/// The properties of a part by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::iot_central) struct Properties(BTreeMap<String, Property>);

/// One property.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::iot_central) struct Property {
    /// The value of a cloud property.
    pub(in crate::iot_central) cloud: Option<Value>,
    pub(in crate::iot_central) desired: Option<Desired>,
    pub(in crate::iot_central) reported: Option<Reported>,
    pub(in crate::iot_central) acknowledgement: Option<Acknowledgement>,
}

/// What the cloud wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::iot_central) struct Desired {
    pub(in crate::iot_central) value: Value,
    pub(in crate::iot_central) version: u64,
    pub(in crate::iot_central) at: Timestamp,
}

/// What the device said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::iot_central) struct Reported {
    pub(in crate::iot_central) value: Value,
    pub(in crate::iot_central) at: Timestamp,
}

/// A device's answer to a desired value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The device's code, such as 200, or 203 for a value that it chose itself.
    pub code: i32,
    /// The version that it answers; none: the current one.
    pub version: Option<u64>,
    /// In words.
    pub description: Option<String>,
}

/// How a simulated device acknowledges by itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::iot_central) struct Pace {
    pub(in crate::iot_central) provisioned_at: Timestamp,
    pub(in crate::iot_central) delay: Duration,
}

impl Properties {
    pub(in crate::iot_central) fn get(&self, name: &str) -> Option<&Property> {
        self.0.get(name)
    }

    pub(in crate::iot_central) fn iter(&self) -> impl Iterator<Item = (&String, &Property)> {
        self.0.iter()
    }

    /// Sets what the cloud wants, or takes it back. What a device reported stays;
    /// a value from when it was a cloud property goes.
    pub(in crate::iot_central) fn want(&mut self, name: &str, desired: Option<Desired>) {
        let property = self.0.entry(name.to_owned()).or_default();
        if desired.is_none() {
            property.acknowledgement = None;
        }
        property.desired = desired;
        property.cloud = None;
        self.drop_empty(name);
    }

    /// Sets a cloud property, or takes it away.
    pub(in crate::iot_central) fn set_cloud(&mut self, name: &str, value: Option<Value>) {
        self.0.entry(name.to_owned()).or_default().cloud = value;
        self.drop_empty(name);
    }

    fn drop_empty(&mut self, name: &str) {
        let empty = |property: &Property| {
            property.cloud.is_none() && property.desired.is_none() && property.reported.is_none()
        };
        if self.0.get(name).is_some_and(empty) {
            self.0.remove(name);
        }
    }

    /// Takes a value from the device, with an answer to the desired one if it
    /// gives one. Null takes the value away.
    pub(in crate::iot_central) fn report(
        &mut self,
        name: &str,
        value: Value,
        acknowledgement: Option<Acknowledgement>,
        at: Timestamp,
    ) {
        let property = self.0.entry(name.to_owned()).or_default();
        let current = property.desired.as_ref().map(|desired| desired.version);
        if let Some(given) = acknowledgement {
            let version = given.version.or(current);
            property.acknowledgement = Some(Acknowledgement { version, ..given });
        }
        property.reported = (!value.is_null()).then_some(Reported { value, at });
        self.drop_empty(name);
    }

    /// Lets a simulated device acknowledge what it has had time for.
    pub(in crate::iot_central) fn settle(&mut self, pace: Option<Pace>, now: Timestamp) {
        let Some(pace) = pace else { return };
        for property in self.0.values_mut() {
            let Some(desired) = &property.desired else { continue };
            let seen = property.acknowledgement.as_ref().and_then(|given| given.version);
            let from = desired.at.max(pace.provisioned_at);
            let at = from.saturating_add(pace.delay).unwrap_or(Timestamp::MAX);
            if seen.is_some_and(|seen| seen >= desired.version) || at > now {
                continue;
            }
            property.reported = Some(Reported { value: desired.value.clone(), at });
            property.acknowledgement = Some(Acknowledgement {
                code: 200,
                version: Some(desired.version),
                description: Some("completed".to_owned()),
            });
        }
    }

    /// The properties of one level as answers show them: values, and `$metadata`.
    pub(in crate::iot_central) fn show(&self, wanted: impl Fn(&str) -> bool) -> Document {
        let (mut values, mut metadata) = (Document::new(), Document::new());
        for (name, property) in self.0.iter().filter(|(name, _)| wanted(name)) {
            if let Some(value) = property.value() {
                values.insert(name.clone(), value.clone());
            }
            if property.desired.is_some() || property.reported.is_some() {
                metadata.insert(name.clone(), property.metadata().into());
            }
        }
        values.insert("$metadata".to_owned(), metadata.into());
        values
    }
}

impl Property {
    /// The value as answers show it: of a cloud property, or as reported.
    pub(in crate::iot_central) fn value(&self) -> Option<&Value> {
        self.cloud.as_ref().or(self.reported.as_ref().map(|reported| &reported.value))
    }

    /// The value that the cloud last set.
    pub(in crate::iot_central) fn set_value(&self) -> Option<&Value> {
        self.cloud.as_ref().or(self.desired.as_ref().map(|desired| &desired.value))
    }

    fn metadata(&self) -> Document {
        let mut members = Document::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        let desired = self.desired.as_ref();
        let given = self.acknowledgement.as_ref();
        add("desiredValue", desired.map(|desired| desired.value.clone()));
        add("desiredVersion", desired.map(|desired| desired.version.into()));
        add("ackVersion", given.and_then(|given| given.version).map(Value::from));
        add("ackCode", given.map(|given| given.code.into()));
        let description = given.and_then(|given| given.description.as_deref());
        add("ackDescription", description.map(Value::from));
        let reported = self.reported.as_ref().map(|reported| reported.at);
        let last = reported.max(desired.map(|desired| desired.at));
        add("lastUpdateTime", last.map(|at| json!(format!("{at:.3}"))));
        members
    }
}
