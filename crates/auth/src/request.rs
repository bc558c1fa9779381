//! [`TokenRequest`]: everything that may change which token is had. The cache's
//! key is made of it (`cache/key.rs`); it must not know any grant.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::{AuthError, AuthErrorKind};

const NAME: &str = "token request";

/// Claims challenges are a few hundred bytes; what is larger is no challenge.
const MAX_CLAIMS: usize = 16 * 1024;

/// The longest host name in DNS, which a tenant's verified domain is.
const MAX_TENANT: usize = 253;

/// What is asked of a [`Credential`](crate::Credential). Checked while it is
/// built, cheap to clone, best kept and used again.
#[derive(Clone)]
pub struct TokenRequest {
    scopes: Arc<[String]>,
    tenant: Option<Arc<str>>,
    claims: Option<Hashed<str>>,
    cae: bool,
    user_assertion: Option<UserAssertion>,
    force_refresh: bool,
}

/// A value with its SHA-256, which stands for it in cache keys.
#[derive(Debug)]
struct Hashed<T: ?Sized> {
    value: Arc<T>,
    digest: Arc<[u8]>,
}

impl<T: ?Sized> Clone for Hashed<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), digest: Arc::clone(&self.digest) }
    }
}

/// The access token of a user on whose behalf is asked.
#[derive(Clone)]
pub(crate) struct UserAssertion(Hashed<SecretString>);

impl UserAssertion {
    pub(crate) fn new(assertion: SecretString) -> Self {
        let digest = sha256(assertion.expose_secret());
        Self(Hashed { value: Arc::new(assertion), digest })
    }
}

fn sha256(text: &str) -> Arc<[u8]> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().into()
}

impl TokenRequest {
    /// Asks for a token with these scopes, for Entra ID `RESOURCE/.default`.
    /// Order and repetition do not matter. The scopes must belong to one
    /// resource, as a token has one audience.
    ///
    /// # Errors
    /// No scope at all, or one that is empty or holds a character other than
    /// the visible ASCII without `"` and `\` (RFC 6749 section 3.3).
    pub fn new<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, AuthError> {
        let mut scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        if scopes.is_empty() {
            return Err(config("no scope is given; name one such as RESOURCE/.default"));
        }
        if let Some(bad) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(config(format!(
                "{bad:?} is not a scope: visible ASCII characters except quote and backslash \
                 are allowed, and no blanks"
            )));
        }
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self {
            scopes: scopes.into(),
            tenant: None,
            claims: None,
            cae: false,
            user_assertion: None,
            force_refresh: false,
        })
    }

    /// Asks in another tenant than the credential's own, for applications that
    /// serve several.
    ///
    /// # Errors
    /// The text is not a tenant id or domain.
    pub fn with_tenant(mut self, tenant: &str) -> Result<Self, AuthError> {
        self.tenant = Some(check_tenant(NAME, tenant)?.into());
        Ok(self)
    }

    /// Answers a claims challenge: `claims` is its JSON text. The cache is not
    /// read for this request, but the token had this way serves later ones.
    ///
    /// # Errors
    /// The text is not a JSON object or is longer than 16 KiB.
    pub fn with_claims(mut self, claims: &str) -> Result<Self, AuthError> {
        if claims.len() > MAX_CLAIMS {
            return Err(config("the claims challenge is longer than 16 KiB"));
        }
        if serde_json::from_str::<Map<String, Value>>(claims).is_err() {
            return Err(config("the claims challenge is not a JSON object"));
        }
        self.claims = Some(Hashed { value: claims.into(), digest: sha256(claims) });
        Ok(self)
    }

    /// Says that the caller can answer claims challenges (continuous access
    /// evaluation). Tokens then live longer and can be revoked at once; they
    /// are kept apart from others.
    #[must_use]
    pub fn with_cae(mut self) -> Self {
        self.cae = true;
        self
    }

    /// Asks on behalf of the user whose access token this is. Only sources
    /// that can exchange it honour it; the others refuse.
    #[must_use]
    pub fn with_user_assertion(self, assertion: impl Into<SecretString>) -> Self {
        self.for_user(&UserAssertion::new(assertion.into()))
    }

    /// [`with_user_assertion`](Self::with_user_assertion) without hashing it
    /// again.
    pub(crate) fn for_user(mut self, assertion: &UserAssertion) -> Self {
        self.user_assertion = Some(assertion.clone());
        self
    }

    /// Asks for a new token even if the cache holds a good one.
    #[must_use]
    pub fn with_force_refresh(mut self) -> Self {
        self.force_refresh = true;
        self
    }

    /// The scopes, sorted, each once.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The tenant asked for, if it is not the credential's own.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The claims challenge to answer, a JSON object as text.
    #[must_use]
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_ref().map(|claims| &*claims.value)
    }

    /// Whether the caller can answer claims challenges.
    #[must_use]
    pub fn cae(&self) -> bool {
        self.cae
    }

    /// The access token of the user on whose behalf is asked.
    #[must_use]
    pub fn user_assertion(&self) -> Option<&SecretString> {
        self.user_assertion.as_ref().map(|assertion| &*assertion.0.value)
    }

    /// Whether the cache is passed by.
    #[must_use]
    pub fn force_refresh(&self) -> bool {
        self.force_refresh
    }

    pub(crate) fn shared_scopes(&self) -> Arc<[String]> {
        Arc::clone(&self.scopes)
    }

    pub(crate) fn shared_tenant(&self) -> Option<Arc<str>> {
        self.tenant.clone()
    }

    pub(crate) fn claims_digest(&self) -> Option<Arc<[u8]>> {
        self.claims.as_ref().map(|claims| Arc::clone(&claims.digest))
    }

    pub(crate) fn assertion_digest(&self) -> Option<Arc<[u8]>> {
        self.user_assertion.as_ref().map(|assertion| Arc::clone(&assertion.0.digest))
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("scopes", &self.scopes)
            .field("tenant", &self.tenant)
            .field("claims", &self.claims())
            .field("cae", &self.cae)
            .field("user_assertion", &self.user_assertion.as_ref().map(|_| "[redacted]"))
            .field("force_refresh", &self.force_refresh)
            .finish()
    }
}

fn config(message: impl Into<String>) -> AuthError {
    AuthError::new(AuthErrorKind::Config, NAME, message)
}

/// Whether the text is a `scope-token`: one or more NQCHAR.
fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// The trimmed tenant, if it can be one: it becomes part of a URL's path.
pub(crate) fn check_tenant<'a>(
    source: &'static str,
    tenant: &'a str,
) -> Result<&'a str, AuthError> {
    let tenant = tenant.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if tenant.is_empty() || tenant.len() > MAX_TENANT || !tenant.bytes().all(fits) {
        let message = format!(
            "{tenant:?} is not a tenant: give its id (a GUID) or a verified domain such as \
             contoso.onmicrosoft.com"
        );
        return Err(AuthError::new(AuthErrorKind::Config, source, message));
    }
    // A segment of dots only would climb out of the path.
    if tenant.bytes().all(|byte| byte == b'.') {
        let message = format!("{tenant:?} is not a tenant");
        return Err(AuthError::new(AuthErrorKind::Config, source, message));
    }
    Ok(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_checked_set() {
        let request = TokenRequest::new(["b", "a", "b"]).unwrap();
        assert_eq!(request.scopes(), ["a", "b"]);
        assert!(TokenRequest::new(Vec::<String>::new()).is_err());
        for bad in ["", "a b", "a\"b", "a\\b", "a\nb", "ä", "a\u{7f}"] {
            let error = TokenRequest::new([bad]).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{bad:?}");
            assert_eq!(error.attempts(), 0);
        }
    }

    #[test]
    fn tenants_are_ids_or_domains() {
        let request = TokenRequest::new(["a"]).unwrap();
        let tenant = request.clone().with_tenant(" contoso.com ").unwrap();
        assert_eq!(tenant.tenant(), Some("contoso.com"));
        for bad in ["", "..", ".", "a/b", "a?b", "a b", "tenänt", &"a".repeat(254)] {
            assert!(request.clone().with_tenant(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_are_json_objects_of_limited_size() {
        let request = TokenRequest::new(["a"]).unwrap();
        assert!(request.clone().with_claims("{}").is_ok());
        assert!(request.clone().with_claims("[1]").is_err());
        assert!(request.clone().with_claims("x").is_err());
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_CLAIMS));
        assert!(request.clone().with_claims(&long).is_err());
        assert!(request.clone().with_claims(&"[".repeat(16_000)).is_err());
    }

    #[test]
    fn debug_hides_the_assertion() {
        let request = TokenRequest::new(["a"]).unwrap().with_user_assertion("canary");
        assert!(!format!("{request:?}{request:#?}").contains("canary"));
        assert_eq!(request.user_assertion().unwrap().expose_secret(), "canary");
    }
}
