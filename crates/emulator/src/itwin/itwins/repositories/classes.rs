//! Classes of repositories, and those that are there without being made.

use serde_json::{Value, json};

use super::invalid_parameter;
use crate::itwin::{ApiError, state::Document};

/// Classes that can be made, and their sub-classes.
const CREATABLE: [(&str, &[&str]); 3] = [
    (
        "GeographicInformationSystem",
        &["WebMapService", "WebMapTileService", "MapServer", "ArcGIS", "UrlTemplate"],
    ),
    ("Construction", &["Performance"]),
    ("Subsurface", &["EvoWorkspace"]),
];

/// Classes that every iTwin has, and the paths that they point at.
const GENERATED: [(&str, &str); 3] = [
    ("iModels", "/imodels"),
    ("RealityData", "/reality-management/reality-data"),
    ("Storage", "/storage"),
];

/// Other classes, which some real iTwins have.
const OTHERS: [&str; 4] = ["Forms", "Issues", "SensorData", "Cesium"];

pub(super) fn creatable() -> [&'static str; 3] {
    CREATABLE.map(|(class, _)| class)
}

/// Whether a sub-class goes with a class that can be made.
pub(super) fn fit(class: &str, sub_class: Option<&str>) -> bool {
    let known = CREATABLE.iter().find(|(known, _)| *known == class);
    known.is_some_and(|(_, sub_classes)| sub_class.is_some_and(|it| sub_classes.contains(&it)))
}

/// 422 unless the class is one and the sub-class goes with it.
pub(super) fn check_filter(class: Option<&str>, sub_class: Option<&str>) -> Result<(), ApiError> {
    let is = |known: &str, given: &str| known.eq_ignore_ascii_case(given);
    let generated = GENERATED.iter().map(|(class, _)| *class);
    let mut classes = creatable().into_iter().chain(generated).chain(OTHERS);
    match (class, sub_class) {
        (Some(class), _) if !classes.any(|known| is(known, class)) => {
            Err(invalid_parameter("class", "There is no such class."))
        }
        (None, Some(_)) => Err(invalid_parameter("subClass", "It needs a class beside it.")),
        (Some(class), Some(sub_class)) => {
            let found = CREATABLE.iter().find(|(known, _)| is(known, class));
            match found.is_some_and(|(_, known)| known.iter().any(|it| is(it, sub_class))) {
                true => Ok(()),
                false => Err(invalid_parameter("subClass", "It does not go with the class.")),
            }
        }
        _ => Ok(()),
    }
}

/// Whether resources can be put into a repository.
pub(super) fn takes_resources(repository: &Document) -> bool {
    repository.get("class").and_then(Value::as_str) == Some("GeographicInformationSystem")
}

/// The repositories that an iTwin has without being made; each has the name of its
/// class as its id.
pub(super) fn generated(base: &str, itwin_id: &str) -> Vec<Document> {
    let repository = |(class, path): (&str, &str)| {
        let uri = format!("{base}{path}?iTwinId={itwin_id}");
        members(json!({"id": class, "class": class, "displayName": class, "uri": uri}))
    };
    GENERATED.into_iter().map(repository).collect()
}

pub(super) fn members(value: Value) -> Document {
    match value {
        Value::Object(members) => members,
        _ => Document::new(),
    }
}
