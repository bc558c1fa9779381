//! What an access token says of itself (RFC 7519 section 4), read and not
//! checked: whether it is true is for the resource to judge. Good for messages,
//! and for finding one's own ids. It must not know any resource.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use crate::AccessToken;

/// The claims of a JWT. Never a ground to allow anything: nothing is verified.
///
/// ```
/// use std::time::SystemTime;
/// use twinkit_auth::{AccessToken, TokenClaims};
///
/// let token = AccessToken::new("e30.eyJvaWQiOiJhIiwidGlkIjoiYiJ9.c2ln", SystemTime::now())?;
/// let claims = TokenClaims::of(&token).ok_or("the token is opaque")?;
/// assert_eq!((claims.object_id(), claims.tenant_id()), (Some("a"), Some("b")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct TokenClaims(Map<String, Value>);

impl TokenClaims {
    /// The claims of `token`; `None` if it is opaque, which is no fault.
    #[must_use]
    pub fn of(token: &AccessToken) -> Option<Self> {
        let mut parts = token.secret().expose_secret().split('.');
        let (_, payload) = (parts.next()?, parts.next()?);
        let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&json).ok().map(Self)
    }

    /// One claim, if it is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// All claims, as they stand in the token.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The object id of who calls (`oid`). For an application it is that of its
    /// service principal, the portal's enterprise application, in this tenant.
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        self.text("oid")
    }

    /// The tenant that gave the token (`tid`).
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.text("tid")
    }

    /// The application (client) id of the program that asked for the token:
    /// `appid` of v1 tokens, `azp` of v2 tokens, `client_id` elsewhere.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        ["appid", "azp", "client_id"].iter().find_map(|name| self.text(name))
    }

    /// Whether an application calls in its own name, as far as the token tells.
    #[must_use]
    pub fn is_application(&self) -> bool {
        self.text("idtyp") == Some("app") || (self.object_id().is_some() && !self.is_person())
    }

    /// Whether the token was given to a person.
    #[must_use]
    pub fn is_person(&self) -> bool {
        ["upn", "preferred_username", "unique_name", "scp"].iter().any(|n| self.0.contains_key(*n))
    }
}

/// Names only: the values tell of people.
impl fmt::Debug for TokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenClaims").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use std::time::SystemTime;

    fn claims(payload: &Value) -> Option<TokenClaims> {
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        let token = AccessToken::new(format!("e30.{payload}.s"), SystemTime::now()).unwrap();
        TokenClaims::of(&token)
    }

    #[test]
    fn callers_are_told_apart() {
        let app = claims(&json!({"oid": "o", "tid": "t", "appid": "a", "idtyp": "app"})).unwrap();
        assert_eq!((app.object_id(), app.tenant_id()), (Some("o"), Some("t")));
        assert!(app.is_application() && !app.is_person());
        assert_eq!(app.client_id(), Some("a"));
        let person = claims(&json!({"oid": "o", "upn": "ann@x", "azp": "b", "scp": "r"})).unwrap();
        assert!(!person.is_application() && person.is_person());
        assert_eq!((person.client_id(), person.text("upn")), (Some("b"), Some("ann@x")));
        assert!(!format!("{person:?}").contains("ann@x"), "{person:?}");
        assert!(!claims(&json!({"sub": "s"})).unwrap().is_application());
    }

    #[test]
    fn opaque_and_broken_tokens_have_no_claims() {
        for text in ["opaque", "a.b.c", "e30.e30", "e30.W10.x", "e30.e30=.x"] {
            let Ok(token) = AccessToken::new(text, SystemTime::now()) else { continue };
            assert_eq!(TokenClaims::of(&token).is_some(), text == "e30.e30", "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_token_panics(text in "[A-Za-z0-9._~+/-]{1,80}") {
            if let Ok(token) = AccessToken::new(text, SystemTime::now()) {
                let _ = TokenClaims::of(&token);
            }
        }
    }
}
