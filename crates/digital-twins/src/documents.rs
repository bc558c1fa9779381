//! Typed frames for the open documents of the data plane: what the service
//! puts around a twin's, a component's or a relationship's own properties.
//!
//! The properties are the caller's type, or a map that keeps whatever comes. They
//! stand among the service's members, which serde reads by way of a buffer that
//! [`Json`](crate::Json) cannot be read from: a property of any shape is a
//! `serde_json::Value`.
//! Nothing here talks to the service; [`Json::parse`](crate::Json::parse)
//! makes these from an answer, and request bodies take them as they are.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use twinkit_digital_twins::{Component, Twin};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Room { temperature: f64, thermostat: Component<Thermostat> }
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct Thermostat { set_point: f64 }
//!
//! let room = Room { temperature: 20.5, thermostat: Component::new(Thermostat { set_point: 21.0 }) };
//! let body = serde_json::to_value(Twin::new("dtmi:com:example:Room;1".parse()?, room))?;
//! assert_eq!(body["$metadata"]["$model"], "dtmi:com:example:Room;1");
//! assert_eq!(body["thermostat"]["$metadata"], serde_json::json!({}));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ETag, Error, Json, ModelId, RelationshipId, Timestamp, TwinId};

/// A twin: the service's members and the caller's properties `P`, among which a
/// member of any shape is a `serde_json::Value`, since [`Json`] cannot be read there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Twin<P = Map<String, Value>> {
    /// The twin's id. In a request the path decides and this may be absent.
    #[serde(rename = "$dtId", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TwinId>,
    /// The twin's entity tag; equal to the `ETag` header.
    #[serde(rename = "$etag", default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ETag>,
    /// Model and time stamps.
    #[serde(rename = "$metadata")]
    pub metadata: TwinMetadata,
    /// Properties and components. Unset properties are absent, never null.
    #[serde(flatten)]
    pub properties: P,
}

impl<P> Twin<P> {
    /// A twin to be created: model and properties.
    #[must_use]
    pub fn new(model: ModelId, properties: P) -> Self {
        Self { id: None, etag: None, metadata: TwinMetadata::of_model(model), properties }
    }
}

/// A twin's `$metadata`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TwinMetadata {
    /// The twin's model.
    #[serde(rename = "$model")]
    pub model: ModelId,
    /// Last write to the twin; set by the service.
    #[serde(rename = "$lastUpdateTime", default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Timestamp>,
    /// Time stamps per property that was ever set.
    #[serde(flatten)]
    pub properties: BTreeMap<String, MetadataEntry>,
}

impl TwinMetadata {
    /// Metadata of a twin to be created.
    #[must_use]
    pub fn of_model(model: ModelId) -> Self {
        Self { model, last_update_time: None, properties: BTreeMap::new() }
    }
}

/// A member of `$metadata`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum MetadataEntry {
    /// Time stamps of a property.
    Property(PropertyMetadata),
    /// Something that this version does not know; it goes back as it came.
    Other(Value),
}

impl MetadataEntry {
    /// The time stamps, if it is about a property.
    #[must_use]
    pub fn property(&self) -> Option<&PropertyMetadata> {
        match self {
            Self::Property(property) => Some(property),
            Self::Other(_) => None,
        }
    }
}

/// Time stamps of one property.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyMetadata {
    /// Last write; set by the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Timestamp>,
    /// When the value was measured, if a client said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_time: Option<Timestamp>,
    /// Members that this version does not know; they go back as they came.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A component within a twin: the properties `P` and the `$metadata` that
/// tells a component from an object property. It must go back with the
/// document, which is why it is a member here and not left out. As in a [`Twin`], no
/// property can be a [`Json`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Component<P = Map<String, Value>> {
    /// Time stamps; empty for a component to be created.
    #[serde(rename = "$metadata", default)]
    pub metadata: ComponentMetadata,
    /// The component's properties.
    #[serde(flatten)]
    pub properties: P,
}

impl<P> Component<P> {
    /// A component to be created.
    #[must_use]
    pub fn new(properties: P) -> Self {
        Self { metadata: ComponentMetadata::default(), properties }
    }
}

/// A component's `$metadata`: like a twin's, without a model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ComponentMetadata {
    /// Last write to the component; set by the service.
    #[serde(rename = "$lastUpdateTime", default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Timestamp>,
    /// Time stamps per property that was ever set.
    #[serde(flatten)]
    pub properties: BTreeMap<String, MetadataEntry>,
}

/// A relationship: the service's members and the caller's properties `P`.
/// Relationships have no `$metadata`. As in a [`Twin`], no property can be a [`Json`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Relationship<P = Map<String, Value>> {
    /// Id, unique within the source twin. In a request the path decides.
    #[serde(rename = "$relationshipId", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RelationshipId>,
    /// The relationship's own entity tag.
    #[serde(rename = "$etag", default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ETag>,
    /// The twin it starts from. In a request the path decides.
    #[serde(rename = "$sourceId", default, skip_serializing_if = "Option::is_none")]
    pub source: Option<TwinId>,
    /// The twin it points to.
    #[serde(rename = "$targetId")]
    pub target: TwinId,
    /// Its name, as the source twin's model declares it.
    #[serde(rename = "$relationshipName")]
    pub name: String,
    /// Properties that the model declares on the relationship.
    #[serde(flatten)]
    pub properties: P,
}

impl Relationship {
    /// A relationship to be created, without properties.
    #[must_use]
    pub fn new(name: impl Into<String>, target: TwinId) -> Self {
        Self::with_properties(name, target, Map::new())
    }
}

impl<P> Relationship<P> {
    /// A relationship to be created, with properties.
    #[must_use]
    pub fn with_properties(name: impl Into<String>, target: TwinId, properties: P) -> Self {
        Self { id: None, etag: None, source: None, target, name: name.into(), properties }
    }
}

/// Makes documents fit as request bodies, owned or borrowed.
macro_rules! body {
    ($($name:ident),*) => {$(
        impl<P: Serialize> TryFrom<$name<P>> for Json {
            type Error = Error;

            fn try_from(document: $name<P>) -> Result<Self, Error> {
                Self::from_serialize(&document)
            }
        }

        impl<P: Serialize> TryFrom<&$name<P>> for Json {
            type Error = Error;

            fn try_from(document: &$name<P>) -> Result<Self, Error> {
                Self::from_serialize(document)
            }
        }
    )*};
}

body!(Twin, Component, Relationship);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_twin_read_with_the_map_goes_back_whole() {
        let document = json!({
            "$dtId": "r1", "$etag": "W/\"0b9\"", "temp": 21.5,
            "thermostat": {
                "setPoint": 20,
                "$metadata": {
                    "$lastUpdateTime": "2024-01-01T00:00:00.0000000Z",
                    "setPoint": {"lastUpdateTime": "2024-01-01T00:00:00.0000000Z", "new": 1}
                }
            },
            "$metadata": {
                "$model": "dtmi:ex:Room;1",
                "$lastUpdateTime": "2024-01-01T00:00:00.0000000Z",
                "temp": {"lastUpdateTime": "2024-01-01T00:00:00.0000000Z", "sourceTime": "2023-12-31T23:00:00Z"},
                "$new": "of a later version", "odd": null
            }
        });
        let twin: Twin = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&twin).unwrap(), document);
        #[derive(Debug, Clone, Serialize, Deserialize)]
        struct Room {
            temp: f64,
            thermostat: Component,
        }
        let typed: Twin<Room> = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(typed.properties.temp, 21.5);
        assert_eq!(serde_json::to_value(&typed).unwrap(), document);
    }

    #[test]
    fn relationships_carry_only_what_is_set() {
        let body = Relationship::new("contains", TwinId::new("r1").unwrap());
        assert_eq!(
            serde_json::to_value(body).unwrap(),
            json!({"$targetId": "r1", "$relationshipName": "contains"})
        );
    }
}
