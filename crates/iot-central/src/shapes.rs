//! Which letters the ids have that callers choose themselves. Checked by the
//! calls that are written by hand; the generated ones take what the id types
//! take, since the service has the last word.

use progenitor_client::Error;

use crate::{DeviceId, OrganizationId, UserId};

/// An organization's id, by the description's own pattern: lower-case letters,
/// digits and hyphens, 2 to 48 of them, no hyphen at either end.
pub(crate) fn organization_id(text: &str) -> Result<OrganizationId, Error> {
    let id = OrganizationId::new(text)?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() < 2 || !text.bytes().all(fits) || text.starts_with('-') || text.ends_with('-') {
        let message = format!(
            "{text:?} is no organization id: 2 to 48 lower-case letters, digits and hyphens, \
             none of these at either end"
        );
        return Err(Error::InvalidRequest(message)
            .with_hint("give the organization's id as list_organizations shows it, not its name"));
    }
    Ok(id)
}

/// The id of a user to be made: letters, digits, `-` and `_`, by the
/// description's pattern.
pub(crate) fn user_id(text: &str) -> Result<UserId, Error> {
    let id = UserId::new(text)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !text.bytes().all(fits) {
        let message = format!("{text:?} is no user id: at most 48 letters, digits, - and _");
        return Err(Error::InvalidRequest(message));
    }
    Ok(id)
}

impl DeviceId {
    /// Whether it is of letters, digits and hyphens, as the vendor's guides say an
    /// id must be that a device is registered with. The description has no
    /// pattern, so that any other is still sent where it is only asked for.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }
}

/// The id of a device to be registered.
pub(crate) fn device_id(id: &DeviceId) -> Result<(), Error> {
    if id.is_plain() {
        return Ok(());
    }
    let message =
        format!("{:?} is no device id: at most 128 letters, digits and hyphens", id.as_str());
    Err(Error::InvalidRequest(message)
        .with_hint("create_device sends any id, for an application that has other ones"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_follow_their_pattern() {
        for text in ["ab", "a1", "7-seattle", &"x".repeat(48)] {
            assert!(organization_id(text).is_ok(), "{text}");
        }
        for text in ["", "a", "-a", "a-", "Seattle", "a b", "a_b", "\u{e4}b", &"x".repeat(49)] {
            let error = organization_id(text).unwrap_err();
            assert!(error.to_string().contains("organization id"), "{error}");
        }
    }

    #[test]
    fn users_and_devices_have_plain_letters() {
        assert!(user_id("Ann_B-2").is_ok());
        for text in ["a b", "a@b", "a/b", "\u{e4}", ""] {
            assert!(user_id(text).unwrap_err().to_string().contains("user id"), "{text}");
        }
        assert!(device_id(&DeviceId::new("Pump-1").unwrap()).is_ok());
        for text in ["a/b", "a_b", "a.b", "a b", "\u{e4}"] {
            let error = device_id(&DeviceId::new(text).unwrap()).unwrap_err();
            assert!(error.to_string().contains("device id"), "{error}");
        }
    }
}
