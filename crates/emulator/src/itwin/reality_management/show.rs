//! Reality data as answers show them.

use serde_json::{Value, json};

use super::store::RealityData;
use crate::itwin::{Platform, state::Document, time};

/// Everything there is, in the platform's order; members that nobody gave are left
/// out.
const MEMBERS: [&str; 20] = [
    "id",
    "displayName",
    "dataset",
    "group",
    "description",
    "rootDocument",
    "classification",
    "type",
    "tags",
    "acquisition",
    "extent",
    "authoring",
    "ownerId",
    "attribution",
    "termsOfUse",
    "crs",
    "size",
    "dataCenterLocation",
    "createdDateTime",
    "modifiedDateTime",
];

pub(super) fn full(platform: &Platform, data: &RealityData) -> Document {
    // In kilobytes; what has begun counts as one.
    let size = platform.storage.container_size(&data.id).div_ceil(1024);
    let mut shown = Document::new();
    for name in MEMBERS {
        let value = match name {
            "id" => Some(json!(data.id)),
            "authoring" => Some(json!(data.authoring)),
            "ownerId" => Some(json!(data.owner_id)),
            "size" => Some(json!(size)),
            "dataCenterLocation" => Some(json!(data.data_center)),
            "createdDateTime" => Some(time::shown(data.created).into()),
            "modifiedDateTime" => Some(time::shown(data.modified).into()),
            name => data.members.get(name).cloned(),
        };
        shown.extend(value.map(|value| (name.to_owned(), value)));
    }
    shown.insert("lastAccessedDateTime".to_owned(), time::shown(data.accessed).into());
    shown
}

pub(super) fn minimal(data: &RealityData) -> Value {
    json!({
        "id": data.id,
        "displayName": data.text("displayName"),
        "type": data.text("type"),
    })
}
