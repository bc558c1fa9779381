//! Who signed in, as the ID token says. It comes with the token answer over
//! TLS from the identity service and its signature is not checked: it serves
//! for showing and for the nonce, never for deciding what somebody may do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_with::{As, DefaultOnError, Same};
use twinkit_http::redact;

use crate::{AuthError, AuthErrorKind};

/// The longest claim that is kept.
const MAX_TEXT: usize = 256;

/// A person who has signed in. For showing; what they may do is decided by the
/// service that the tokens are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Account {
    /// The name that was signed in with, mostly an e-mail address.
    pub username: Option<String>,
    /// The id of the tenant signed in to (`tid`).
    pub tenant: Option<String>,
    /// The person's id in that tenant (`oid`), or the `sub` of services that
    /// have no such id.
    pub id: Option<String>,
}

type Lenient = As<DefaultOnError<Option<Same>>>;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Claims {
    #[serde(with = "Lenient")]
    nonce: Option<String>,
    #[serde(with = "Lenient")]
    preferred_username: Option<String>,
    #[serde(with = "Lenient")]
    upn: Option<String>,
    #[serde(with = "Lenient")]
    email: Option<String>,
    #[serde(with = "Lenient")]
    tid: Option<String>,
    #[serde(with = "Lenient")]
    oid: Option<String>,
    #[serde(with = "Lenient")]
    sub: Option<String>,
}

impl Account {
    /// Whom an ID token names; nobody if it cannot be read.
    pub(crate) fn of(id_token: &SecretString) -> Option<Self> {
        let claims = read(id_token)?;
        let clean = |text: Option<String>| {
            text.map(|text| redact::text(&text, &[], MAX_TEXT)).filter(|text| !text.is_empty())
        };
        let account = Self {
            username: clean(claims.preferred_username.or(claims.upn).or(claims.email)),
            tenant: clean(claims.tid),
            id: clean(claims.oid.or(claims.sub)),
        };
        (account != Self::default()).then_some(account)
    }
}

/// Whether an ID token was made for the sign-in that asked with `nonce`. A
/// token that was made for another is a replay.
pub(crate) fn check_nonce(
    source: &'static str,
    id_token: Option<&SecretString>,
    nonce: &SecretString,
) -> Result<(), AuthError> {
    let Some(id_token) = id_token else { return Ok(()) };
    let said = read(id_token).and_then(|claims| claims.nonce);
    if said.is_some_and(|said| super::same(&said, nonce)) {
        return Ok(());
    }
    let message = "the ID token does not carry this sign-in's nonce; it was made for another";
    Err(AuthError::new(AuthErrorKind::Protocol, source, message).with_hint("sign in again"))
}

fn read(id_token: &SecretString) -> Option<Claims> {
    let payload = id_token.expose_secret().split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(payload: &str) -> SecretString {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload)).into()
    }

    #[test]
    fn accounts_are_read_leniently_and_scrubbed() {
        let all = token(r#"{"preferred_username":"a@b\u001b[31m","tid":"t","oid":"o","sub":"s"}"#);
        let account = Account::of(&all).unwrap();
        assert_eq!(account.username.as_deref(), Some("a@b [31m"));
        assert_eq!((account.tenant.as_deref(), account.id.as_deref()), (Some("t"), Some("o")));
        let bare = Account::of(&token(r#"{"sub":"s","tid":7}"#)).unwrap();
        assert_eq!((bare.tenant, bare.id.as_deref()), (None, Some("s")));
        for text in ["", "a", "a.b", "a.!.c"] {
            assert_eq!(Account::of(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn a_nonce_must_be_this_sign_ins() {
        let nonce = "n-1".into();
        assert!(check_nonce("t", None, &nonce).is_ok());
        assert!(check_nonce("t", Some(&token(r#"{"nonce":"n-1"}"#)), &nonce).is_ok());
        for other in [r#"{"nonce":"n-2"}"#, "{}", "[]"] {
            let error = check_nonce("t", Some(&token(other)), &nonce).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = Account::of(&text.clone().into());
            let _ = Account::of(&token(&text));
        }
    }
}
