//! The one door through which credentials reach a request: [`Authorizer`].
//!
//! It sets the `Authorization` header and judges a 401; which origins may see
//! the credential is decided here and nowhere else. It must not know how
//! tokens are made, nor any platform's paths or errors.

mod api_token;
mod bearer;
mod challenge;
mod fixed;
mod header;
mod share_key;

use std::fmt::Debug;

use reqwest::header::HeaderMap;
use reqwest::{Request, Url};
use twinkit_http::{Origin, OriginSet};

use crate::{AccessToken, AuthError, AuthErrorKind, BoxFuture, TokenClaims};

pub use api_token::{ApiToken, ApiTokenAuthorizer};
pub use bearer::BearerAuthorizer;
pub use challenge::claims_challenge;
pub use fixed::StaticAuthorizer;
pub(crate) use header::header;

/// Puts the caller's credential on requests.
///
/// An implementation sends the credential only to the origins it is bound to
/// and refuses every other URL with an error, before anything is sent.
pub trait Authorizer: Send + Sync + Debug {
    /// Sets the credential on `request`. Called for every attempt. What it
    /// returns is handed back to [`on_unauthorized`](Self::on_unauthorized) if
    /// the service answers 401.
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>>;

    /// Judges a 401: `used` is what [`authorize`](Self::authorize) returned for
    /// the refused attempt, `headers` are those of the answer. The caller asks
    /// at most once per call.
    fn on_unauthorized<'a>(
        &'a self,
        used: &'a Authorized,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision>;

    /// What the token that the next request would carry says of its owner, for
    /// messages and for finding one's own ids; nothing in it is verified. `None`
    /// by default: fixed credentials and opaque tokens tell nothing.
    fn claims<'a>(&'a self) -> BoxFuture<'a, Result<Option<TokenClaims>, AuthError>> {
        Box::pin(async { Ok(None) })
    }

    /// The id by which the service knows the credential itself, if it has one, as
    /// API tokens do: whoever revokes it can call no more. `None` by default.
    fn credential_id(&self) -> Option<&str> {
        None
    }
}

/// Which credential a request was sent with, so that a late 401 is held
/// against that one and not against its successor.
#[derive(Debug, Clone, Default)]
pub struct Authorized {
    token: Option<AccessToken>,
}

impl Authorized {
    /// A credential that cannot be exchanged for a newer one.
    #[must_use]
    pub fn fixed() -> Self {
        Self::default()
    }

    /// The token that was sent.
    #[must_use]
    pub fn with_token(token: AccessToken) -> Self {
        Self { token: Some(token) }
    }

    /// The token that was sent, if it was one.
    #[must_use]
    pub fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }
}

/// What to do after a 401.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Decision {
    /// Authorize and send once more: the refused token is out of the cache.
    Retry,
    /// Another attempt would carry the same credential: give the 401 to the
    /// caller.
    Give,
    /// The service asks for more than could be had: give this error to the
    /// caller, as it may tell what a person has to do.
    Fail(AuthError),
}

/// Refuses a URL outside `origins`.
fn check_origin(source: &'static str, origins: &OriginSet, url: &Url) -> Result<(), AuthError> {
    if origins.contains(url) {
        return Ok(());
    }
    let bound: Vec<String> = origins.iter().map(Origin::to_string).collect();
    let target = Origin::of(url).map_or_else(|| format!("{}:", url.scheme()), |o| o.to_string());
    let message = format!(
        "the credential is bound to {} and was not sent to {target}",
        if bound.is_empty() { "no origin".to_owned() } else { bound.join(", ") }
    );
    Err(AuthError::new(AuthErrorKind::Config, source, message)
        .with_hint("use a client whose endpoint is that origin; links to other hosts are refused"))
}
