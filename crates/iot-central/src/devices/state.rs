//! How a device stands, derived from what the API tells of it. It must not ask
//! the service.

use std::fmt;

use crate::types::Device;

/// How a device stands. The platform tells it in three members only, so that a
/// device that waits for approval and one that was blocked before it was ever
/// provisioned look alike: both are [`Blocked`](Self::Blocked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviceState {
    /// It may not connect: blocked, or waiting for approval.
    Blocked,
    /// It has no template yet.
    Unassigned,
    /// It may connect and has not come yet.
    Registered,
    /// It has been through provisioning. Whether it is connected now, the
    /// platform does not tell.
    Provisioned,
}

impl DeviceState {
    /// The state of a device. What the service left out counts as enabled,
    /// without template, not provisioned.
    ///
    /// ```
    /// use twinkit_iot_central::{DeviceState, types::Device};
    ///
    /// let device = Device { provisioned: Some(true), ..Device::default() };
    /// assert_eq!(DeviceState::of(&device), DeviceState::Unassigned);
    /// ```
    #[must_use]
    pub fn of(device: &Device) -> Self {
        Self::from_parts(device.enabled, device.template.as_deref(), device.provisioned)
    }

    /// The same from its members, for other types of device.
    #[must_use]
    pub fn from_parts(
        enabled: Option<bool>,
        template: Option<&str>,
        provisioned: Option<bool>,
    ) -> Self {
        if enabled == Some(false) {
            Self::Blocked
        } else if template.is_none_or(str::is_empty) {
            Self::Unassigned
        } else if provisioned == Some(true) {
            Self::Provisioned
        } else {
            Self::Registered
        }
    }
}

impl fmt::Display for DeviceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blocked => "blocked",
            Self::Unassigned => "unassigned",
            Self::Registered => "registered",
            Self::Provisioned => "provisioned",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_the_portal() {
        use DeviceState::*;
        for (enabled, template, provisioned, state) in [
            (Some(false), Some("dtmi:a;1"), Some(true), Blocked),
            (Some(false), None, Some(false), Blocked),
            (Some(true), None, Some(true), Unassigned),
            (None, Some("dtmi:a;1"), None, Registered),
            (Some(true), Some("dtmi:a;1"), Some(false), Registered),
            (Some(true), Some("dtmi:a;1"), Some(true), Provisioned),
        ] {
            assert_eq!(DeviceState::from_parts(enabled, template, provisioned), state);
        }
    }
}
