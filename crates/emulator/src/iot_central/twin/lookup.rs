//! The value of a property by path, as filters and queries name it.

use jiff::Timestamp;
use serde_json::Value;

use super::Place;
use crate::iot_central::{config::Config, state::State};

impl State {
    /// What `name`, `component.name`, `module.name` or `module.component.name` of a
    /// device is as answers show it: the value of a cloud property or the reported
    /// one. Null if there is none.
    pub(in crate::iot_central) fn property_value(
        &self,
        device: &str,
        path: &str,
        config: &Config,
        now: Timestamp,
    ) -> Value {
        let words: Vec<&str> = path.split('.').collect();
        let (places, name) = match words.as_slice() {
            [name] => (vec![Place::root()], name),
            [part, name] => (vec![Place::component(part), Place::module(part)], name),
            [module, component, name] => (vec![Place::module_component(module, component)], name),
            _ => return Value::Null,
        };
        let Some(twin) = self.twins.get(device) else { return Value::Null };
        let found = places.iter().find_map(|place| {
            let mut properties = twin.part(place)?.properties.clone();
            properties.settle(self.acknowledging(device, config), now);
            properties.get(name)?.value().cloned()
        });
        found.unwrap_or_default()
    }
}
