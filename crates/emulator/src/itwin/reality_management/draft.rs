//! Bodies that make or change reality data.

use jiff::Timestamp;
use serde_json::Value;

use super::{INVALID, store::RealityData};
use crate::itwin::{ApiError, Platform, rules::Body, state::Document};

const NAME: usize = 256;
const TEXT: usize = 4000;
const CLASSIFICATIONS: [&str; 5] = ["Terrain", "Imagery", "Pinned", "Model", "Undefined"];
/// Texts that may be missing.
const TEXTS: [&str; 6] =
    ["dataset", "group", "description", "rootDocument", "attribution", "termsOfUse"];
/// Everything that is kept as it is said.
const MEMBERS: [&str; 13] = [
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
    "attribution",
    "termsOfUse",
    "crs",
];

/// The iTwin that a body names. The vendor's client sends an empty text for none.
pub(super) fn named_itwin(document: &Document) -> Option<&Value> {
    document.get("iTwinId").filter(|id| id.as_str() != Some(""))
}

/// Gives the data what a body says of them.
pub(super) fn apply(
    platform: &Platform,
    document: &Document,
    data: &mut RealityData,
    is_new: bool,
) -> Result<(), ApiError> {
    let mut body = Body::new(document);
    for name in ["displayName", "type"] {
        if is_new || body.names(name) {
            body.text(name, NAME);
        }
    }
    for name in TEXTS {
        body.optional_any_text(name, TEXT);
    }
    body.optional_one_of("classification", &CLASSIFICATIONS);
    body.optional_texts("tags");
    if let Some(acquisition) = body.optional_object("acquisition") {
        body.part("acquisition", acquisition, look_at_acquisition);
    }
    if let Some(extent) = body.optional_object("extent") {
        body.part("extent", extent, look_at_extent);
    }
    if let Some(crs) = body.optional_object("crs") {
        body.part("crs", crs, |crs| {
            crs.text("id", NAME);
            crs.optional_text("verticalId", NAME);
        });
    }
    if named_itwin(document).is_some() {
        body.optional_guid("iTwinId");
    }
    let authoring = body.optional_bool("authoring");
    let owner = body.optional_guid("ownerId").and_then(|id| {
        let owner = platform.user(id);
        if owner.is_none() {
            body.invalid("ownerId", "There is no such user.");
        }
        owner
    });
    body.verdict(INVALID)?;
    if let Some(owner) = owner {
        data.owner_id = owner.id;
    }
    data.authoring = authoring.unwrap_or(data.authoring);
    for name in MEMBERS {
        match document.get(name) {
            None => {}
            Some(Value::Null) => {
                data.members.shift_remove(name);
            }
            Some(value) => {
                data.members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(())
}

fn look_at_acquisition(acquisition: &mut Body<'_>) {
    for name in ["startDateTime", "endDateTime"] {
        let time = acquisition.optional_text(name, NAME);
        if time.is_some_and(|time| time.parse::<Timestamp>().is_err()) {
            acquisition.invalid(name, "It must be a time with a zone, as ISO 8601 has them.");
        }
    }
    acquisition.optional_any_text("acquirer", TEXT);
}

fn look_at_extent(extent: &mut Body<'_>) {
    for corner in ["southWest", "northEast"] {
        let Some(point) = extent.object(corner) else { continue };
        extent.part(corner, point, |point| {
            for (name, most) in [("latitude", 90.0), ("longitude", 180.0)] {
                let number = point.optional_number(name, -most..=most);
                if number.is_none() && !point.names(name) {
                    point.invalid(name, "It must be there.");
                }
            }
        });
    }
}
