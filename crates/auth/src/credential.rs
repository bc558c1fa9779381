//! [`Credential`]: the handle users hold. It joins a source with the cache and
//! must not know any grant beyond offering its builder.

use std::fmt;
use std::sync::Arc;

use twinkit_http::{Clock, SystemClock};

use crate::cache::Cache;
use crate::entra::{self, ClientSecretBuilder};
use crate::{AccessToken, AuthError, TokenRequest, TokenSource};

/// Somebody who may call: gives tokens and keeps them until they should be
/// replaced. Cheap to clone; clones share the cache. When the last clone is
/// dropped, requests under way are given up.
#[derive(Clone)]
pub struct Credential {
    cache: Arc<Cache>,
}

impl Credential {
    /// The credential that the environment describes:
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `AZURE_TENANT_ID` | tenant id or verified domain; needed |
    /// | `AZURE_CLIENT_ID` | the application's id; needed |
    /// | `AZURE_CLIENT_SECRET` | the client secret's value; needed |
    /// | `AZURE_AUTHORITY_HOST` | the authority, such as `https://login.microsoftonline.us`; the public cloud if unset |
    ///
    /// Values are trimmed and an empty one counts as unset.
    ///
    /// # Errors
    /// A needed variable is unset, a value is refused, or the variables describe
    /// a certificate or a federated token, which this function does not read.
    pub fn from_env() -> Result<Self, AuthError> {
        Self::builder_from_env()?.build()
    }

    /// Like [`from_env`](Self::from_env), but leaves the builder open, for
    /// instance to add a certificate authority.
    ///
    /// # Errors
    /// Those of [`from_env`](Self::from_env), except for refused values.
    pub fn builder_from_env() -> Result<ClientSecretBuilder, AuthError> {
        entra::env::builder(|name| std::env::var_os(name))
    }

    /// A credential over a source of your own.
    #[must_use]
    pub fn from_source(source: impl TokenSource + 'static) -> Self {
        Self::from_source_with_clock(source, Arc::new(SystemClock))
    }

    /// A credential over a source of your own, judging expiry by `clock`.
    #[must_use]
    pub fn from_source_with_clock(
        source: impl TokenSource + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { cache: Arc::new(Cache::new(Arc::new(source), clock)) }
    }

    /// A token for `request`: at once if the cache holds a good one, otherwise
    /// when the one fetch that all callers share is done. Dropping the future
    /// does not stop the fetch. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`AuthError`] if no token could be had. For a short while after a failure
    /// callers get the same error again, marked as
    /// [remembered](AuthError::is_remembered).
    pub async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        self.cache.token(request).await
    }

    /// Says that a service refused `token` with 401. Returns whether a new
    /// attempt is worth while: the token is thrown away unless the cache already
    /// holds a newer one, at most once in ten seconds.
    #[must_use]
    pub fn reject(&self, request: &TokenRequest, token: &AccessToken) -> bool {
        self.cache.reject(request, token)
    }

    /// Drops all tokens: the next ones are another person's, or nobody's.
    pub(crate) fn clear(&self) {
        self.cache.clear();
    }

    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.cache.kept()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("source", self.cache.source()).finish_non_exhaustive()
    }
}
