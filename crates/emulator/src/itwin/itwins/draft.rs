//! From a body to an iTwin: what may be in it, for making one and for changing
//! one.

use super::{CLASSES, INVALID, STATUSES, sub_classes};
use crate::itwin::{
    ApiError,
    rules::Body,
    state::{Document, ITwin},
};

/// Most characters of names and other texts.
const TEXT: usize = 255;

/// Writes what a body says into an iTwin; a new one must get class, sub-class and
/// name.
pub(super) fn apply(document: &Document, itwin: &mut ITwin, is_new: bool) -> Result<(), ApiError> {
    let mut body = Body::new(document);
    let classes = CLASSES.map(|(class, _)| class);
    if is_new || body.names("class") {
        put(&mut itwin.class, body.one_of("class", &classes));
    }
    if is_new || body.names("subClass") {
        let all: Vec<&str> = sub_classes().collect();
        put(&mut itwin.sub_class, body.one_of("subClass", &all));
    }
    if is_new || body.names("displayName") {
        put(&mut itwin.display_name, body.text("displayName", TEXT));
    }
    if let Some(status) = body.optional_one_of("status", &STATUSES) {
        status.clone_into(&mut itwin.status);
    }
    optional(&mut body, "type", &mut itwin.kind);
    optional(&mut body, "number", &mut itwin.number);
    optional(&mut body, "ianaTimeZone", &mut itwin.iana_time_zone);
    optional(&mut body, "geographicLocation", &mut itwin.geographic_location);
    if body.names("parentId") {
        itwin.parent_id = body.optional_guid("parentId").map(str::to_ascii_lowercase);
    }
    if body.names("latitude") {
        itwin.latitude = body.optional_number("latitude", -90.0..=90.0);
    }
    if body.names("longitude") {
        itwin.longitude = body.optional_number("longitude", -180.0..=180.0);
    }
    if let Some(place) = body.optional_text("dataCenterLocation", TEXT) {
        if is_new {
            place.clone_into(&mut itwin.data_center);
        } else if place != itwin.data_center {
            body.invalid("dataCenterLocation", "It cannot be changed.");
        }
    }
    check_class(&mut body, itwin);
    body.verdict(INVALID)
}

fn put(member: &mut String, value: Option<&str>) {
    if let Some(value) = value {
        value.clone_into(member);
    }
}

/// Takes a text over if the body says anything of it; null takes it away.
fn optional(body: &mut Body<'_>, member: &str, slot: &mut Option<String>) {
    if body.names(member) {
        *slot = body.optional_text(member, TEXT).map(str::to_owned);
    }
}

fn check_class(body: &mut Body<'_>, itwin: &ITwin) {
    let Some((_, sub_classes)) = CLASSES.iter().find(|(class, _)| *class == itwin.class) else {
        return;
    };
    if !itwin.sub_class.is_empty() && !sub_classes.contains(&itwin.sub_class.as_str()) {
        body.invalid("subClass", "It does not go with the class.");
    }
}
