//! Registering devices, and waiting until they are provisioned. It must not know
//! how they connect.

use std::fmt;

use progenitor_client::following::{Look, Wait};
use progenitor_client::{Error, Progress, Refused};
use serde_json::Map;

use super::DeviceState;
use crate::following::refused;
use crate::types::{Device, SymmetricKey, SymmetricKeyAttestation};
use crate::{Client, DeviceId, Secret, shapes};

impl Client {
    /// Registers a device, or replaces what is registered under this id: by the
    /// platform's rule both are one call.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// let template = "dtmi:example:pump;1";
    /// client.register_device("pump-1").template(template).simulated(true).send().await?;
    /// let device = client.wait_until_provisioned("pump-1").wait().await?;
    /// println!("{:?}", device.display_name);
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_device<I>(&self, id: I) -> Registration<'_>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
    {
        let id = id.try_into().map_err(Refused::because);
        Registration { client: self, id, device: Device::default(), check_template: true }
    }

    /// Waits until a device has been through provisioning: a simulated one takes
    /// seconds, a real one as long as it takes to come. A device that is blocked
    /// is an `OperationFailed`: it cannot come.
    pub fn wait_until_provisioned<I>(&self, id: I) -> Wait<'_, Device>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
    {
        let look: Look<'_, Device> = match id.try_into() {
            Err(error) => refused(format!("get_device: `device_id`: {error}")),
            Ok(id) => Box::new(move || Box::pin(self.get_device().device_id(&id).send())),
        };
        Wait::new(&self.inner, look, progress, finished)
    }

    /// Gives a device two keys of its own, which win over those of its
    /// enrollment group. Both are base64.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// client.set_device_keys("pump-1", "cHJpbWFyeQ==", "c2Vjb25kYXJ5").await?;
    /// let credentials = client.get_device_credentials().device_id("pump-1").send().await?;
    /// println!("{}", credentials.id_scope);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A device without keys of its own has those that
    /// [`derive_device_key`](crate::derive_device_key) makes from the group's.
    ///
    /// # Errors
    /// A key that is empty or not base64, before anything is sent; what
    /// `create_device_attestation` says.
    pub async fn set_device_keys<I>(
        &self,
        id: I,
        primary: impl Into<Secret>,
        secondary: impl Into<Secret>,
    ) -> Result<(), Error>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
    {
        let (primary_key, secondary_key) = (primary.into(), secondary.into());
        for (which, key) in [("primary", &primary_key), ("secondary", &secondary_key)] {
            if !is_base64(key.expose()) {
                return Err(Error::InvalidRequest(format!("the {which} key is no base64 text")));
            }
        }
        let symmetric_key = SymmetricKey { primary_key, secondary_key, extra: Map::new() };
        let body = SymmetricKeyAttestation { symmetric_key, extra: Map::new() };
        self.create_device_attestation().device_id(id).body(body).send().await?;
        Ok(())
    }
}

/// Whole groups of four, padded at the end (RFC 4648 section 4).
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !digits.is_empty()
        && digits.bytes().all(fits)
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
}

fn progress(device: &Device) -> Progress {
    match DeviceState::of(device) {
        DeviceState::Blocked => Progress::Failed,
        _ if device.provisioned == Some(true) => Progress::Succeeded,
        _ => Progress::Running,
    }
}

fn finished(progress: Progress, device: Device) -> Result<Device, Error> {
    match progress {
        Progress::Failed => {
            let id = device.id.unwrap_or_default();
            let message = format!("the device {id} is blocked, or waits for approval");
            Err(Error::operation_failed(None, message).in_operation("get_device").with_hint(
                "let it connect: update_device with enabled: true, or approve it in the portal",
            ))
        }
        _ => Ok(device),
    }
}

/// A device to be registered, by [`send`](Self::send).
#[must_use = "nothing is sent until `send` is awaited"]
#[derive(Debug)]
pub struct Registration<'a> {
    client: &'a Client,
    id: Result<DeviceId, Refused>,
    device: Device,
    check_template: bool,
}

impl Registration<'_> {
    /// Its name; the id by default.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.device.display_name = Some(name.into());
        self
    }

    /// Its device template, by the template's own id. Without one it is
    /// unassigned.
    pub fn template(mut self, id: impl Into<String>) -> Self {
        self.device.template = Some(id.into());
        self
    }

    /// Whether it may connect; true by default.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.device.enabled = Some(enabled);
        self
    }

    /// Whether the service plays the device.
    pub fn simulated(mut self, simulated: bool) -> Self {
        self.device.simulated = Some(simulated);
        self
    }

    /// The organization it belongs to, by id; the root by default.
    pub fn organization(mut self, id: impl Into<String>) -> Self {
        self.device.organizations = Some(vec![id.into()]);
        self
    }

    /// Whether to look first if the template is one
    /// ([`check_device_template`](Client::check_device_template)), which takes a
    /// call. True by default.
    pub fn check_template(mut self, check: bool) -> Self {
        self.check_template = check;
        self
    }

    /// Registers the device.
    ///
    /// # Errors
    /// An id of the device (letters, digits and `-`) or of the organization that
    /// cannot be one, before anything is sent; a capability model in
    /// the template's place, naming the template to give; what `create_device`
    /// says.
    pub async fn send(self) -> Result<Device, Error> {
        Box::pin(self.register()).await
    }

    async fn register(self) -> Result<Device, Error> {
        let id = self.id?;
        shapes::device_id(&id)?;
        for organization in self.device.organizations.iter().flatten() {
            shapes::organization_id(organization)?;
        }
        if let Some(template) = self.device.template.as_deref().filter(|_| self.check_template) {
            self.client.check_device_template(template).await?;
        }
        let put = self.client.create_device().device_id(&id).body(self.device);
        Ok(put.send().await?.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_base64() {
        for text in ["cHJpbWFyeQ==", "c2Vj", "+/+/"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["", "====", "abc", "ab=c", "a===", "ab c", "ab-_"] {
            assert!(!is_base64(text), "{text}");
        }
    }
}
