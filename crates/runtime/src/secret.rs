//! Secrets that travel in bodies: keys, tokens, connection strings. They are
//! sent and read like any text, and shown to nobody on the way.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that neither `Debug` nor `Display` shows.
///
/// ```
/// use twinkit_runtime::Secret;
///
/// let secret = Secret::from("the key");
/// assert_eq!(format!("{secret:?}"), "Secret(***)");
/// assert_eq!(secret.expose(), "the key");
/// ```
///
/// Encoded, as a member of a request body, it is the text itself: do not put it
/// into logs by way of JSON.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<SecretString> for Secret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl From<Secret> for SecretString {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_and_are_not_shown() {
        let secret: Secret = serde_json::from_str("\"can\\\"ary\"").unwrap();
        assert_eq!(secret.expose(), "can\"ary");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"can\\\"ary\"");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("ary"));
        assert_eq!(SecretString::from(secret).expose_secret(), "can\"ary");
    }
}
