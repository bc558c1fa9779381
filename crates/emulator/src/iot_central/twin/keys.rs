//! How devices prove who they are: by an attestation of their own, or by keys
//! derived from those of the default enrollment group.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::iot_central::state::Document;

/// Scope and group keys of an application.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ConnectionKeys {
    /// Names the application at the provisioning service.
    pub(in crate::iot_central) id_scope: String,
    /// In base64.
    pub(in crate::iot_central) primary_key: String,
    /// In base64.
    pub(in crate::iot_central) secondary_key: String,
}

/// The attestation of one device, as it was sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Attestation(pub(in crate::iot_central) Document);

impl std::fmt::Debug for Attestation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attestation").field("type", &self.0.get("type")).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ConnectionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionKeys").field("id_scope", &self.id_scope).finish_non_exhaustive()
    }
}

impl Default for ConnectionKeys {
    /// New ones.
    fn default() -> Self {
        let scope: String =
            Uuid::new_v4().simple().to_string().to_uppercase().chars().take(8).collect();
        Self { id_scope: format!("0ne{scope}"), primary_key: new_key(), secondary_key: new_key() }
    }
}

/// A random key of 64 bytes in base64.
pub(in crate::iot_central) fn new_key() -> String {
    let random: Vec<u8> = (0..4).flat_map(|_| Uuid::new_v4().into_bytes()).collect();
    STANDARD.encode(random)
}

/// The key of one device, from a group key in base64, as the provisioning
/// service derives it: base64(HMAC-SHA256(key, device id)). None if the group key
/// is no base64.
pub(in crate::iot_central) fn derive(group_key: &str, device: &str) -> Option<String> {
    let key = STANDARD.decode(group_key).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Some(STANDARD.encode(hmac::sign(&key, device.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures come from Python's hmac module.
    #[test]
    fn a_device_key_is_derived_from_the_group_key() {
        assert_eq!(
            derive("c2VjcmV0", "dev-1").unwrap(),
            "YMS1PkUfSq4cLO6oscn9aRq6isPXi29nhswvcWouX1I="
        );
        assert_eq!(derive("no base64", "dev-1"), None);
    }
}
