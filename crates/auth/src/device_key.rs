//! Keys of devices that are derived from the key of their enrollment group, as
//! Azure's Device Provisioning Service does it: HMAC-SHA256 (RFC 2104) over the
//! device's id. It must not know who stores them.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::{AuthError, AuthErrorKind};

const NAME: &str = "device key";

/// The key of the device `device_id` below a group's key, both base64: what the
/// service takes from a device that the group enrolled.
///
/// ```
/// use twinkit_auth::{ExposeSecret as _, derive_device_key};
///
/// let key = derive_device_key(&"a2V5".into(), "pump-1")?;
/// assert_eq!(key.expose_secret().len(), 44);
/// # Ok::<(), twinkit_auth::AuthError>(())
/// ```
///
/// # Errors
/// [`AuthErrorKind::Config`] if the group's key is not base64 or is empty. It is
/// not shown.
pub fn derive_device_key(
    group_key: &SecretString,
    device_id: &str,
) -> Result<SecretString, AuthError> {
    let refused = |fault: &str| AuthError::new(AuthErrorKind::Config, NAME, fault);
    let key = STANDARD
        .decode(group_key.expose_secret().trim())
        .map_err(|_| refused("the group's key is not base64"))?;
    if key.is_empty() || device_id.is_empty() {
        return Err(refused("the group's key or the device's id is empty"));
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Ok(STANDARD.encode(hmac::sign(&key, device_id.as_bytes())).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_mac_of_the_id() {
        // RFC 4231, test case 2: key "Jefe", text "what do ya want for nothing?".
        let made = derive_device_key(&"SmVmZQ==".into(), "what do ya want for nothing?").unwrap();
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95,
            0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
            0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(made.expose_secret(), STANDARD.encode(expected));
    }

    #[test]
    fn what_is_no_key_is_refused_unseen() {
        for key in ["canary!", "", "  "] {
            let error = derive_device_key(&key.into(), "a").unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        assert!(derive_device_key(&"SmVmZQ==".into(), "").is_err());
    }
}
