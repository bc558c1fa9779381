//! iTwins as answers show them.

use serde_json::{Value, json};

use crate::{
    itwin::{
        Platform,
        routes::Call,
        state::{Document, ITwin},
        time,
    },
    storage::Permissions,
};

/// Container of the pictures in storage.
pub(super) const IMAGES: &str = "itwin-images";

/// The members of an iTwin in full, in the platform's order.
pub(super) const MEMBERS: [&str; 20] = [
    "id",
    "class",
    "subClass",
    "type",
    "number",
    "displayName",
    "iTwinAccountId",
    "status",
    "parentId",
    "dataCenterLocation",
    "ianaTimeZone",
    "geographicLocation",
    "latitude",
    "longitude",
    "imageName",
    "image",
    "createdDateTime",
    "createdBy",
    "lastModifiedDateTime",
    "lastModifiedBy",
];

/// Everything there is of an iTwin but its picture's address, which is made on
/// demand.
pub(super) fn unsigned(itwin: &ITwin) -> Document {
    let mut members = minimal(itwin);
    let more = [
        ("status", json!(itwin.status)),
        ("parentId", json!(itwin.parent_id)),
        ("dataCenterLocation", json!(itwin.data_center)),
        ("ianaTimeZone", json!(itwin.iana_time_zone)),
        ("geographicLocation", json!(itwin.geographic_location)),
        ("latitude", json!(itwin.latitude)),
        ("longitude", json!(itwin.longitude)),
        ("imageName", json!(itwin.image.as_ref().map(|image| &image.name))),
        ("image", Value::Null),
        ("createdDateTime", time::shown(itwin.created).into()),
        ("createdBy", json!(itwin.created_by)),
        ("lastModifiedDateTime", json!(itwin.modified.map(time::shown))),
        ("lastModifiedBy", json!(itwin.modified_by)),
    ];
    members.extend(more.map(|(name, value)| (name.to_owned(), value)));
    members
}

/// The same, with the signed address of the picture.
pub(super) fn full(platform: &Platform, itwin: &ITwin) -> Document {
    let mut members = unsigned(itwin);
    if let Some(image) = &itwin.image {
        members.insert("image".to_owned(), picture(platform, &image.large).into());
    }
    members
}

/// The essentials.
pub(super) fn minimal(itwin: &ITwin) -> Document {
    let members = [
        ("id", json!(itwin.id)),
        ("class", json!(itwin.class)),
        ("subClass", json!(itwin.sub_class)),
        ("type", json!(itwin.kind)),
        ("number", json!(itwin.number)),
        ("displayName", json!(itwin.display_name)),
        ("iTwinAccountId", json!(itwin.account_id)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// As much as `Prefer` asks for.
pub(super) fn preferred(call: &Call, itwin: &ITwin) -> Document {
    if call.wants_representation() { full(&call.platform, itwin) } else { minimal(itwin) }
}

/// The signed address of a picture.
pub(super) fn picture(platform: &Platform, blob: &str) -> String {
    platform.storage.signed_url(IMAGES, blob, Permissions::read(), platform.config.signed_url)
}
