//! Which devices belong to a device group: worked out anew whenever it is asked.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    access::organizations_of,
    config::Config,
    filters,
    state::{Record, State},
};

impl State {
    /// The devices of a group, in the order of their ids. A group of an
    /// organization has only devices of it and of those below.
    pub(super) fn members<'s>(
        &'s self,
        group: &Record,
        config: &'s Config,
        now: Timestamp,
    ) -> impl Iterator<Item = (&'s String, &'s Record)> {
        let text = group.text("filter").unwrap_or_default();
        let filter = filters::parse_group(text);
        let organization = organizations_of(group).first().copied();
        let reach = organization.map(|organization| self.below(organization));
        self.devices.iter().filter(move |(id, device)| {
            let lookup = |name: &str| self.device_value(id, device, name, config, now);
            let matches = match &filter {
                Ok(Some(condition)) => condition.holds(&lookup),
                Ok(None) => true,
                // A stored filter can be read; one that was seeded may not.
                Err(_) => false,
            };
            let is_within = |reach: &std::collections::BTreeSet<String>| {
                organizations_of(device).iter().any(|organization| reach.contains(*organization))
            };
            matches && reach.as_ref().is_none_or(is_within)
        })
    }

    /// What a name in a filter or a query stands for: something of the device
    /// itself behind a dollar sign, else a property.
    pub(super) fn device_value(
        &self,
        id: &str,
        device: &Record,
        name: &str,
        config: &Config,
        now: Timestamp,
    ) -> Value {
        match name {
            "$id" => id.into(),
            "$provisioned" => self.is_provisioned(id, now).into(),
            "$displayName" | "$template" | "$simulated" => {
                device.document.get(name.trim_start_matches('$')).cloned().unwrap_or_default()
            }
            path => self.property_value(id, path, config, now),
        }
    }
}
