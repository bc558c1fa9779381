//! What there is of a device beside its document: whether it is provisioned and
//! connected, its properties, telemetry and runs of commands.
//!
//! A device has a root and modules; each of them has components. All four levels
//! are a [`Part`], and a [`Place`] says which. What happens in time is worked out
//! from the clock when it is asked for; so the state can be kept and taken up
//! again.

mod command;
mod interface;
mod keys;
mod lookup;
mod place;
mod properties;
mod telemetry;
mod write;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use command::CommandAnswer;
pub(super) use command::Commands;
pub(super) use keys::{Attestation, ConnectionKeys, derive, new_key};
pub use place::Place;
pub use properties::Acknowledgement;
pub(super) use properties::Properties;
pub(super) use telemetry::{Message, Telemetry};
pub(super) use write::Write;

use super::{config::Config, state::State};

/// What there is of one device.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Twin {
    /// When it was provisioned, or will be.
    pub(super) provisioned_at: Option<Timestamp>,
    /// Whether it was connected or disconnected; a simulated device is connected
    /// without.
    pub(super) connected: Option<bool>,
    /// How it proves who it is, if not by the keys of the default group.
    pub(super) attestation: Option<Attestation>,
    /// Counts the changes of desired properties.
    pub(super) desired_version: u64,
    /// The answer to every command that has none of its own.
    pub(super) answer: Option<CommandAnswer>,
    root: Part,
    modules: BTreeMap<String, Part>,
}

/// The root of a device, a module, or a component of either.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) properties: Properties,
    pub(super) telemetry: Telemetry,
    pub(super) commands: Commands,
    components: BTreeMap<String, Part>,
}

impl Twin {
    pub(super) fn is_provisioned(&self, now: Timestamp) -> bool {
        self.provisioned_at.is_some_and(|at| at <= now)
    }

    /// The part at a place, if anything is known of it.
    pub(super) fn part(&self, place: &Place) -> Option<&Part> {
        let part = match &place.module {
            None => &self.root,
            Some(module) => self.modules.get(module)?,
        };
        match &place.component {
            None => Some(part),
            Some(component) => part.components.get(component),
        }
    }

    /// The part at a place, made if nothing was known of it.
    pub(super) fn part_mut(&mut self, place: &Place) -> &mut Part {
        let part = match &place.module {
            None => &mut self.root,
            Some(module) => self.modules.entry(module.clone()).or_default(),
        };
        match &place.component {
            None => part,
            Some(component) => part.components.entry(component.clone()).or_default(),
        }
    }

    /// A part and its components, by name; the part itself has none.
    pub(super) fn section(&self, place: &Place) -> Vec<(Option<&str>, &Part)> {
        let Some(part) = self.part(&place.whole()) else { return Vec::new() };
        let components = part.components.iter().map(|(name, part)| (Some(name.as_str()), part));
        std::iter::once((None, part)).chain(components).collect()
    }
}

impl State {
    /// Whether a device has gone through provisioning.
    pub(super) fn is_provisioned(&self, device: &str, now: Timestamp) -> bool {
        self.twins.get(device).is_some_and(|twin| twin.is_provisioned(now))
    }

    /// How long it takes until a device is provisioned, if that is to come.
    pub(super) fn provisioned_in(&self, device: &str, now: Timestamp) -> Option<Duration> {
        let at = self.twins.get(device)?.provisioned_at.filter(|at| *at > now)?;
        Duration::try_from(at.duration_since(now)).ok()
    }

    /// Whether a device takes commands: it is not blocked, and it is connected,
    /// as a simulated one always is once it is provisioned.
    pub(super) fn is_connected(&self, device: &str, now: Timestamp) -> bool {
        self.is_enabled(device)
            && self.twins.get(device).is_some_and(|twin| {
                twin.is_provisioned(now)
                    && twin.connected.unwrap_or_else(|| self.simulated.contains_key(device))
            })
    }

    /// Whether a device is there and not blocked.
    pub(super) fn is_enabled(&self, device: &str) -> bool {
        let enabled = self.devices.get(device).and_then(|device| device.document.get("enabled"));
        enabled.and_then(serde_json::Value::as_bool).unwrap_or_default()
    }

    /// Since when, and after which time, a simulated device acknowledges; a real
    /// one does it by itself.
    pub(super) fn acknowledging(&self, device: &str, config: &Config) -> Option<properties::Pace> {
        let provisioned_at = self.twins.get(device)?.provisioned_at?;
        (self.simulated.contains_key(device) && self.is_enabled(device))
            .then_some(properties::Pace { provisioned_at, delay: config.acknowledging })
    }

    /// Follows a device's document: registers what is new, notes what is
    /// simulated, and lets a simulated device be provisioned after a while,
    /// unless it is blocked.
    pub(super) fn device_stored(&mut self, device: &str, config: &Config, now: Timestamp) {
        let Some(record) = self.devices.get(device) else { return };
        let flag = |member| {
            record.document.get(member).and_then(serde_json::Value::as_bool).unwrap_or_default()
        };
        let (enabled, simulated) = (flag("enabled"), flag("simulated"));
        if simulated {
            self.simulated.insert(device.to_owned(), ());
        } else {
            self.simulated.remove(device);
        }
        let twin = self.twins.get_or_default(device.to_owned());
        if !enabled && twin.connected == Some(true) {
            twin.connected = None;
        }
        if twin.is_provisioned(now) {
            return;
        }
        twin.provisioned_at = if enabled && simulated {
            let soon = now.saturating_add(config.provisioning).unwrap_or(Timestamp::MAX);
            twin.provisioned_at.or(Some(soon))
        } else {
            None
        };
    }

    /// Takes along all that hangs on a device.
    pub(super) fn device_deleted(&mut self, device: &str) {
        self.twins.remove(device);
        self.simulated.remove(device);
        self.relationships.retain(|_, relationship| {
            !["source", "target"].iter().any(|end| relationship.text(end) == Some(device))
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::data::after_restart;
    use crate::iot_central::state::Record;

    #[test]
    fn a_state_can_be_kept_and_taken_up_and_shows_no_keys() {
        let mut state = State::default();
        let mut device = Map::new();
        device.insert("enabled".to_owned(), true.into());
        device.insert("simulated".to_owned(), true.into());
        state.devices.insert("d".to_owned(), Record::new(device));
        let now = Timestamp::UNIX_EPOCH;
        state.device_stored("d", &Config::default(), now);
        let twin = state.twins.get_mut("d").unwrap();
        let mut attestation = Map::new();
        attestation.insert("symmetricKey".to_owned(), json!({"primaryKey": "c2VjcmV0"}));
        twin.attestation = Some(Attestation(attestation));
        twin.answer = Some(CommandAnswer::reply(200, json!([1])));
        let part = twin.part_mut(&Place::module_component("m", "c"));
        part.properties.report("p", json!(1), None, now);
        part.telemetry.take(Map::from_iter([("t".to_owned(), json!(2))]), now);
        part.commands.note("c", json!({"id": "x"}));
        let taken_up = after_restart(&mut state, State::default());
        let written = |state: &State| serde_json::to_string(&*state.twins).unwrap();
        assert_eq!(written(&taken_up), written(&state));
        let later = now + Config::default().provisioning;
        assert!(!taken_up.is_connected("d", now) && taken_up.is_connected("d", later));
        let shown = format!("{taken_up:?}");
        assert!(!shown.contains("c2VjcmV0"), "{shown}");
        assert!(!shown.contains(&state.connection_keys.primary_key), "{shown}");
    }
}
