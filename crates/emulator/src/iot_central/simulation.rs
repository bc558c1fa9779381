//! Standing in for devices: what a test lets them do. The platform has nothing of
//! the kind, devices talk to it through other services.
//!
//! Names need not be in the template, as with real devices.

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::{
    ApiError, Application,
    state::{Record, State},
    twin::{Acknowledgement, CommandAnswer, Place, Twin},
};

impl Application {
    /// Lets a device go through provisioning. One that nobody made registers
    /// itself: into the root organization, without a template.
    ///
    /// # Errors
    ///
    /// 409 if the device is blocked or waits for approval.
    pub fn provision_device(&self, device: &str) -> Result<(), ApiError> {
        let now = self.now();
        let mut state = self.write();
        if !state.devices.contains_key(device) {
            super::rules::ids::name("device", device, 128)?;
            let mut document = Map::new();
            for (member, value) in [
                ("displayName", json!(device)),
                ("enabled", json!(true)),
                ("simulated", json!(false)),
            ] {
                document.insert(member.to_owned(), value);
            }
            state.devices.insert(device.to_owned(), Record::new(document));
            state.device_stored(device, &self.config, now);
        }
        let twin = active(&mut state, device)?;
        if !twin.is_provisioned(now) {
            twin.provisioned_at = Some(now);
        }
        drop(state);
        self.devices_changed();
        Ok(())
    }

    /// Connects a device, which is provisioned by that if it was not; it takes
    /// commands from now on.
    ///
    /// # Errors
    ///
    /// As those of [`Self::provision_device`].
    pub fn connect_device(&self, device: &str) -> Result<(), ApiError> {
        self.provision_device(device)?;
        active(&mut self.write(), device)?.connected = Some(true);
        self.devices_changed();
        Ok(())
    }

    /// Disconnects a device, also a simulated one, which is connected by itself.
    ///
    /// # Errors
    ///
    /// 404 if there is no such device.
    pub fn disconnect_device(&self, device: &str) -> Result<(), ApiError> {
        known(&mut self.write(), device)?.connected = Some(false);
        self.devices_changed();
        Ok(())
    }

    /// Says how a device answers a command from now on; `command` none: all that
    /// have no answer of their own; `answer` none: as it would without.
    ///
    /// # Errors
    ///
    /// 404 if there is no such device.
    pub fn answer_command(
        &self,
        device: &str,
        place: &Place,
        command: Option<&str>,
        answer: Option<CommandAnswer>,
    ) -> Result<(), ApiError> {
        let mut state = self.write();
        let twin = known(&mut state, device)?;
        match (command, answer) {
            (None, answer) => twin.answer = answer,
            (Some(command), Some(answer)) => {
                twin.part_mut(place).commands.answers.insert(command.to_owned(), answer);
            }
            (Some(command), None) => {
                twin.part_mut(place).commands.answers.remove(command);
            }
        }
        drop(state);
        self.devices_changed();
        Ok(())
    }

    /// Reports properties from a device, as an answer to what the cloud wants if
    /// an acknowledgement is given. Null takes a reported value away.
    ///
    /// # Errors
    ///
    /// 404 if there is no such device, 409 if it is blocked.
    pub fn report_properties(
        &self,
        device: &str,
        place: &Place,
        properties: Map<String, Value>,
        acknowledgement: Option<&Acknowledgement>,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let mut state = self.write();
        let pace = state.acknowledging(device, &self.config);
        let part = active(&mut state, device)?.part_mut(place);
        part.properties.settle(pace, now);
        for (name, value) in properties {
            part.properties.report(&name, value, acknowledgement.cloned(), now);
        }
        Ok(())
    }

    /// Sends telemetry from a device: one message with these values.
    ///
    /// # Errors
    ///
    /// 404 if there is no such device, 409 if it is blocked.
    pub fn send_telemetry(
        &self,
        device: &str,
        place: &Place,
        values: Map<String, Value>,
    ) -> Result<(), ApiError> {
        let now = self.now();
        active(&mut self.write(), device)?.part_mut(place).telemetry.take(values, now);
        Ok(())
    }

    /// Wakes the commands that wait for a device.
    pub(super) fn devices_changed(&self) {
        self.device_changes.send_replace(());
    }

    pub(super) fn device_changes(&self) -> watch::Receiver<()> {
        self.device_changes.subscribe()
    }
}

fn known<'s>(state: &'s mut State, device: &str) -> Result<&'s mut Twin, ApiError> {
    state.twins.get_mut(device).ok_or_else(|| ApiError::no_such("device", device))
}

/// The device, unless it is blocked.
fn active<'s>(state: &'s mut State, device: &str) -> Result<&'s mut Twin, ApiError> {
    if state.devices.contains_key(device) && !state.is_enabled(device) {
        return Err(ApiError::conflict(format!("The device {device:?} is blocked.")));
    }
    known(state, device)
}
