//! Typed frames for the open documents of the data plane. Nothing here talks to
//! the service; [`Json::parse`](crate::Json::parse) makes these from an answer,
//! and request bodies take them as they are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Json};

/// A device template, in IoT Central's dialect of DTDL: not a DTDL interface,
/// but one (`capability_model`) in a frame.
///
/// ```
/// use serde_json::json;
/// use twinkit_iot_central::DeviceTemplate;
///
/// let model = json!({
///     "@id": "dtmi:example:pump_model;1",
///     "@type": "Interface",
///     "contents": [{"@type": "Telemetry", "name": "flow", "schema": "double"}],
/// });
/// let template = DeviceTemplate::new(serde_json::from_value(model)?);
/// let body = serde_json::to_value(&template)?;
/// assert_eq!(body["@type"], json!(["ModelDefinition", "DeviceModel"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeviceTemplate {
    /// The template's id. The service may choose another one than the path's.
    #[serde(rename = "@id", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Normally `ModelDefinition` and `DeviceModel`.
    #[serde(rename = "@type")]
    pub types: Vec<String>,
    /// The template's tag; opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What devices can do: an interface of DTDL v2 with additions.
    pub capability_model: Map<String, Value>,
    /// Members that are not declared, `@context` among them; they go back as
    /// they came.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl DeviceTemplate {
    /// A template to be created.
    #[must_use]
    pub fn new(capability_model: Map<String, Value>) -> Self {
        Self {
            id: None,
            types: vec!["ModelDefinition".to_owned(), "DeviceModel".to_owned()],
            etag: None,
            display_name: None,
            description: None,
            capability_model,
            other: Map::new(),
        }
    }
}

impl TryFrom<DeviceTemplate> for Json {
    type Error = Error;

    fn try_from(template: DeviceTemplate) -> Result<Self, Error> {
        Self::from_serialize(&template)
    }
}

impl TryFrom<&DeviceTemplate> for Json {
    type Error = Error;

    fn try_from(template: &DeviceTemplate) -> Result<Self, Error> {
        Self::from_serialize(template)
    }
}
