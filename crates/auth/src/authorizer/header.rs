//! The value of `Authorization`, made once for a credential and shared by its
//! requests. It must not know what stands in it.

use bytes::Bytes;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::{AuthError, AuthErrorKind};

/// Memory that is wiped with the last copy of the value that shares it.
struct Wiped(SecretSlice<u8>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// The value `prefix` + `secret`, marked sensitive so that HTTP/2 does not index it
/// and `Debug` does not show it.
///
/// # Errors
/// The secret holds characters that no header may carry.
pub(crate) fn header(
    source: &'static str,
    prefix: &str,
    secret: &SecretString,
) -> Result<HeaderValue, AuthError> {
    let text = [prefix.as_bytes(), secret.expose_secret().as_bytes()].concat();
    let text = Bytes::from_owner(Wiped(text.into()));
    let mut value = HeaderValue::from_maybe_shared(text).map_err(|_| {
        let message = "the credential holds characters that no HTTP header may carry";
        AuthError::new(AuthErrorKind::Config, source, message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_whole_hidden_and_shared() {
        let value = header("x", "Bearer ", &"canary".into()).unwrap();
        assert_eq!(value, "Bearer canary");
        assert!(value.is_sensitive() && !format!("{value:?}").contains("canary"));
        assert_eq!(value.clone().as_bytes().as_ptr(), value.as_bytes().as_ptr());
        let error = header("x", "", &"can\nary".into()).unwrap_err();
        assert!(!error.to_string().contains("ary"), "{error}");
    }
}
