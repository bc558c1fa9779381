//! [`AccessToken`]: a bearer token and what is known of its life. It must not
//! know where it came from nor when it should be replaced (`cache/`).

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::authorizer::header;
use crate::{AuthError, AuthErrorKind};

/// A bearer token. Cheap to clone; the text is wiped when the last clone goes.
///
/// The token is not serialisable and is never shown by `Debug`: use
/// [`secret`](Self::secret) where it must be read. Buffers of the HTTP and TLS
/// libraries are beyond our reach, so wiping is best effort.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    secret: SecretString,
    expires_at: SystemTime,
    refresh_at: Option<SystemTime>,
    granted_scopes: Vec<String>,
    /// As it is sent; made with the first request.
    header: OnceLock<HeaderValue>,
}

impl AccessToken {
    /// A token as received.
    ///
    /// # Errors
    /// [`AuthErrorKind::Protocol`] if the text is empty or holds characters that
    /// bearer tokens may not hold (`b64token`, RFC 6750 section 2.1).
    pub fn new(secret: impl Into<SecretString>, expires_at: SystemTime) -> Result<Self, AuthError> {
        let secret = secret.into();
        check_b64token(secret.expose_secret())?;
        Ok(Self(Arc::new(Inner {
            secret,
            expires_at,
            refresh_at: None,
            granted_scopes: Vec::new(),
            header: OnceLock::new(),
        })))
    }

    /// The same token with the time at which the service wants it replaced.
    #[must_use]
    pub fn with_refresh_at(self, refresh_at: SystemTime) -> Self {
        self.rebuild(|inner| inner.refresh_at = Some(refresh_at))
    }

    /// The same token with the scopes that the service says it granted.
    #[must_use]
    pub fn with_granted_scopes(self, scopes: impl IntoIterator<Item = String>) -> Self {
        let scopes = scopes.into_iter().collect();
        self.rebuild(|inner| inner.granted_scopes = scopes)
    }

    fn rebuild(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| Inner {
            secret: shared.secret.clone(),
            expires_at: shared.expires_at,
            refresh_at: shared.refresh_at,
            granted_scopes: shared.granted_scopes.clone(),
            header: shared.header.clone(),
        });
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// The token's text.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0.secret
    }

    /// How the token is presented: always `Bearer`, other types are refused on
    /// arrival.
    #[must_use]
    pub fn token_type(&self) -> &'static str {
        "Bearer"
    }

    /// When the token ends, by the local wall clock.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    /// When the service wants it replaced, if it said so (`refresh_in`).
    #[must_use]
    pub fn refresh_at(&self) -> Option<SystemTime> {
        self.0.refresh_at
    }

    /// The scopes the service says it granted; empty if it did not say, as with
    /// client credentials.
    #[must_use]
    pub fn granted_scopes(&self) -> &[String] {
        &self.0.granted_scopes
    }

    /// The value of `Authorization` that carries it; `source` names who sends it.
    pub(crate) fn header(&self, source: &'static str) -> Result<HeaderValue, AuthError> {
        if let Some(value) = self.0.header.get() {
            return Ok(value.clone());
        }
        let value = header(source, "Bearer ", self.secret())?;
        Ok(self.0.header.get_or_init(|| value).clone())
    }

    /// Whether both are clones of one received token.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("secret", &"[redacted]")
            .field("expires_at", &self.0.expires_at)
            .field("refresh_at", &self.0.refresh_at)
            .field("granted_scopes", &self.0.granted_scopes)
            .finish()
    }
}

/// One or more of the `b64token` characters, then any number of `=`.
fn check_b64token(text: &str) -> Result<(), AuthError> {
    let body = text.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let fault = match body {
        "" => "the access token is empty",
        _ if !body.bytes().all(fits) => {
            "the access token holds characters that bearer tokens may not hold"
        }
        _ => return Ok(()),
    };
    Err(AuthError::new(AuthErrorKind::Protocol, "access token", fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_b64token_texts_are_tokens() {
        for text in ["eyJ.a-b_c.d", "a", "a==", "~+/."] {
            assert!(AccessToken::new(text, SystemTime::now()).is_ok(), "{text}");
        }
        for text in ["", "=", "a b", "a\r\nx: y", "ä", "a=b", "\0"] {
            let error = AccessToken::new(text, SystemTime::now()).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{text:?}");
        }
    }

    #[test]
    fn debug_hides_the_text() {
        let token = AccessToken::new("canary", SystemTime::now())
            .unwrap()
            .with_granted_scopes(["read".to_owned()]);
        assert!(!format!("{token:?}{token:#?}").contains("canary"));
        assert_eq!(token.granted_scopes(), ["read"]);
        assert_eq!(token.secret().expose_secret(), "canary");
    }
}
