//! How a client proves to a token endpoint who it is (RFC 6749 section 2.3 and
//! RFC 7523 section 2.2). It must not know who signs assertions, nor any
//! identity service.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::form::{Form, form_encoded, spellings};
use crate::{AuthError, BoxFuture};

/// Says that an assertion is a JWT (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const BASIC: &str = "Basic ";

/// Gives the JWT by which a client proves who it is. Implemented by this
/// crate's certificates and federated tokens, and by users who sign elsewhere,
/// for instance in a key vault.
pub trait AssertionSource: Send + Sync + fmt::Debug {
    /// A JWT for one request. Asked anew for each attempt, as services take
    /// each assertion once.
    ///
    /// # Errors
    /// [`AuthError`]; its texts must hold no secret.
    fn assertion<'a>(
        &'a self,
        wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>>;

    /// A number that changes when what assertions are made of changes, such as
    /// a file's time of change. A remembered failure is forgotten when it does.
    fn input_version(&self) -> u64 {
        0
    }
}

/// What an assertion has to say.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AssertionRequest<'a> {
    /// `aud`: the token endpoint's address.
    pub audience: &'a str,
    /// `iss` and `sub`: the client's id.
    pub client_id: &'a str,
    /// `iat` and `nbf`: the time at the service, as far as it is known.
    pub now: SystemTime,
}

/// A client's proof.
#[derive(Clone)]
pub(crate) enum ClientAuth {
    /// None: a public client names itself only.
    Public,
    /// A shared secret in the form (`client_secret_post`).
    SecretPost(SecretString),
    /// A shared secret in the `Authorization` header (`client_secret_basic`).
    SecretBasic(SecretString),
    /// A signed JWT in the form (`private_key_jwt`, or another issuer's token).
    Assertion(Arc<dyn AssertionSource>),
}

/// The proof of one attempt: its form fields, the header if there is one, and
/// all texts that must not be shown.
pub(super) struct Proof {
    pub(super) form: Form,
    pub(super) authorization: Option<SecretString>,
    pub(super) secrets: Vec<SecretString>,
}

impl ClientAuth {
    /// Adds the proof to `form`.
    pub(super) async fn prove(
        &self,
        form: Form,
        wanted: AssertionRequest<'_>,
    ) -> Result<Proof, AuthError> {
        let id = wanted.client_id;
        let mut authorization = None;
        let mut of_header = Vec::new();
        let form = match self {
            Self::Public => form.with("client_id", id),
            Self::SecretPost(secret) => {
                form.with("client_id", id).with_secret("client_secret", secret.clone())
            }
            Self::SecretBasic(secret) => {
                let value = basic(id, secret);
                let text = value.expose_secret();
                let bare = SecretString::from(text.strip_prefix(BASIC).unwrap_or(text));
                of_header.push(bare);
                of_header.extend(spellings(secret));
                authorization = Some(value);
                form
            }
            Self::Assertion(source) => {
                let assertion = source.assertion(wanted).await?;
                form.with("client_id", id)
                    .with("client_assertion_type", ASSERTION_TYPE)
                    .with_secret("client_assertion", assertion)
            }
        };
        let secrets = form.secrets().into_iter().chain(of_header).collect();
        Ok(Proof { form, authorization, secrets })
    }

    /// Whether a new attempt carries another proof than the last one.
    pub(super) fn is_assertion(&self) -> bool {
        matches!(self, Self::Assertion(_))
    }

    pub(crate) fn input_version(&self) -> u64 {
        match self {
            Self::Assertion(source) => source.input_version(),
            _ => 0,
        }
    }
}

/// Id and secret, each in the form's encoding before they are joined (RFC 6749
/// section 2.3.1): peers refuse a raw secret with `:`, `/`, `+` or a blank.
fn basic(id: &str, secret: &SecretString) -> SecretString {
    let pair = SecretString::from(format!(
        "{}:{}",
        form_encoded(id),
        form_encoded(secret.expose_secret())
    ));
    let length = BASIC.len() + pair.expose_secret().len().div_ceil(3) * 4;
    let mut value = String::with_capacity(length);
    value.push_str(BASIC);
    STANDARD.encode_string(pair.expose_secret(), &mut value);
    value.into()
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("Public"),
            Self::SecretPost(_) => f.write_str("SecretPost([redacted])"),
            Self::SecretBasic(_) => f.write_str("SecretBasic([redacted])"),
            Self::Assertion(source) => f.debug_tuple("Assertion").field(source).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_encodes_both_halves_before_joining_them() {
        // The halves are `a%3Ab` and `p+q%2F%2B%3D%3A`.
        let value = basic("a:b", &"p q/+=:".into());
        let text = value.expose_secret().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(text).unwrap(), b"a%3Ab:p+q%2F%2B%3D%3A");
    }

    #[test]
    fn debug_hides_secrets() {
        for auth in
            [ClientAuth::SecretPost("canary".into()), ClientAuth::SecretBasic("canary".into())]
        {
            assert!(!format!("{auth:?}").contains("canary"));
        }
    }
}
