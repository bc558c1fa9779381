//! Patches by the service's rules, in terms of property names instead of JSON
//! pointers. They become [`JsonPatch`] documents; what the model allows only
//! the service knows.

use progenitor_client::{JsonPatch, Timestamp};
use serde::Serialize;

use crate::ModelId;

/// Changes to a twin, a component or a relationship, carried out together or
/// not at all.
///
/// ```
/// use twinkit_digital_twins::TwinPatch;
/// let patch = TwinPatch::new()
///     .set("temperature", 21.5)
///     .set(["thermostat", "setPoint"], 20)
///     .remove("note");
/// assert_eq!(
///     serde_json::to_value(patch)?,
///     serde_json::json!([
///         {"op": "add", "path": "/temperature", "value": 21.5},
///         {"op": "add", "path": "/thermostat/setPoint", "value": 20},
///         {"op": "remove", "path": "/note"},
///     ])
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
#[must_use = "a patch does nothing until it is sent"]
pub struct TwinPatch(JsonPatch);

impl TwinPatch {
    /// A patch without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property, whether it was set before or not (`add`). The
    /// service's `replace` fails on a property that is not set, which is why
    /// it is not used here. The parts of an object property must exist before
    /// a member of it can be set.
    pub fn set(self, path: impl PropertyPath, value: impl Serialize) -> Self {
        Self(self.0.add_at(&path.names(), &value))
    }

    /// Removes a property. Fails at the service if it is not set.
    pub fn remove(self, path: impl PropertyPath) -> Self {
        Self(self.0.remove_at(&path.names()))
    }

    /// Says when a property's value was measured (`sourceTime`, since
    /// 2022-05-31). For a property of a component, give the component first.
    pub fn set_source_time(self, path: impl PropertyPath, time: &Timestamp) -> Self {
        let mut names = path.names();
        let property = names.pop().unwrap_or_default();
        names.extend(["$metadata", property, "sourceTime"]);
        Self(self.0.add_at(&names, time))
    }

    /// Moves the twin to another model. The patch must also make its
    /// properties fit that model; the result is judged as a whole.
    pub fn migrate_to(self, model: &ModelId) -> Self {
        Self(self.0.replace_at(&["$metadata", "$model"], model))
    }
}

impl From<TwinPatch> for JsonPatch {
    fn from(patch: TwinPatch) -> Self {
        patch.0
    }
}

/// The one change that a stored model allows.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct ModelPatch(JsonPatch);

impl ModelPatch {
    /// Decommissions the model (no new twins of it) or undoes that.
    #[must_use]
    pub fn decommissioned(decommissioned: bool) -> Self {
        Self(JsonPatch::new().replace_at(&["decommissioned"], decommissioned))
    }
}

impl From<ModelPatch> for JsonPatch {
    fn from(patch: ModelPatch) -> Self {
        patch.0
    }
}

/// Where a property stands: its name, or the names that lead to it. Names are
/// escaped as JSON Pointer demands.
pub trait PropertyPath {
    /// The names, outermost first.
    fn names(&self) -> Vec<&str>;
}

impl PropertyPath for &str {
    fn names(&self) -> Vec<&str> {
        vec![self]
    }
}

impl PropertyPath for String {
    fn names(&self) -> Vec<&str> {
        vec![self]
    }
}

impl PropertyPath for &String {
    fn names(&self) -> Vec<&str> {
        vec![self]
    }
}

impl PropertyPath for Vec<String> {
    fn names(&self) -> Vec<&str> {
        self.iter().map(String::as_str).collect()
    }
}

impl<const N: usize> PropertyPath for [&str; N] {
    fn names(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl PropertyPath for &[String] {
    fn names(&self) -> Vec<&str> {
        self.iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_services_own_members_are_reached_by_name() {
        let time = "2024-01-01T00:00:00Z".parse().unwrap();
        let patch = TwinPatch::new()
            .set("a/b~c", true)
            .set_source_time(["climate", "temperature"], &time)
            .set_source_time("area", &time)
            .migrate_to(&ModelId::new("dtmi:x:Room;2").unwrap());
        assert_eq!(
            serde_json::to_value(patch).unwrap(),
            json!([
                {"op": "add", "path": "/a~1b~0c", "value": true},
                {"op": "add", "path": "/climate/$metadata/temperature/sourceTime",
                    "value": "2024-01-01T00:00:00Z"},
                {"op": "add", "path": "/$metadata/area/sourceTime", "value": "2024-01-01T00:00:00Z"},
                {"op": "replace", "path": "/$metadata/$model", "value": "dtmi:x:Room;2"},
            ])
        );
        assert_eq!(
            serde_json::to_value(ModelPatch::decommissioned(true)).unwrap(),
            json!([{"op": "replace", "path": "/decommissioned", "value": true}])
        );
    }
}
