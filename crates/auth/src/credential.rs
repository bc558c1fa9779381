//! [`Credential`]: the handle users hold. It joins a source with the cache and
//! must not know any grant beyond offering its builder.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use twinkit_http::{Clock, SystemClock};

use crate::cache::Cache;
pub(crate) use crate::cache::Rejection;
use crate::request::UserAssertion;
use crate::{AccessToken, AuthError, FetchContext, TokenRequest, TokenSource};

/// Somebody who may call: gives tokens and keeps them until they should be
/// replaced. Cheap to clone; clones share the cache. When the last clone is
/// dropped, requests under way are given up.
#[derive(Clone)]
pub struct Credential {
    cache: Arc<Cache>,
    user: Option<UserAssertion>,
}

impl Credential {
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
        Self { cache: Arc::new(Cache::new(Arc::new(source), clock)), user: None }
    }

    /// A token for `request`: at once if the cache holds a good one, otherwise
    /// when the one fetch that all callers share is done. Dropping the future
    /// does not stop the fetch. Needs a tokio runtime, always the
    /// [same one](crate#one-runtime).
    ///
    /// # Errors
    /// [`AuthError`] if no token could be had. For a short while after a failure
    /// callers get the same error again, marked as
    /// [remembered](AuthError::is_remembered).
    pub async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        self.cache.token(&self.complete(request)).await
    }

    /// The token that [`token`](Self::token) would give without asking for one, nor
    /// for the one after it.
    pub(crate) fn token_at_hand(&self, request: &TokenRequest) -> Option<AccessToken> {
        self.cache.token_at_hand(&self.complete(request))
    }

    /// Says that a service refused `token` with 401. Returns whether a new
    /// attempt is worth while: the token is thrown away unless the cache already
    /// holds a newer one, at most once in ten seconds; one that is about to end, or has,
    /// always.
    #[must_use]
    pub fn reject(&self, request: &TokenRequest, token: &AccessToken) -> bool {
        self.refuse(request, token) != Rejection::TooSoon
    }

    pub(crate) fn refuse(&self, request: &TokenRequest, token: &AccessToken) -> Rejection {
        self.cache.reject(&self.complete(request), token)
    }

    /// Asks the source past this credential's cache, for another cache.
    pub(crate) async fn fetch(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        self.cache.source().fetch(&self.complete(request), context).await
    }

    /// The same credential for one user: every request is made on behalf of the
    /// user whose access token `assertion` is (unless it names a user itself).
    /// Shares the cache and is cheap to make, so that a web API can make a
    /// client of a platform for each call that comes in. For credentials of
    /// [`on_behalf_of`](Self::on_behalf_of); others refuse such requests.
    #[must_use]
    pub fn for_user(&self, assertion: impl Into<SecretString>) -> Self {
        let user = UserAssertion::new(assertion.into());
        Self { cache: Arc::clone(&self.cache), user: Some(user) }
    }

    /// The request with the user that this handle is for.
    fn complete<'a>(&self, request: &'a TokenRequest) -> Cow<'a, TokenRequest> {
        match &self.user {
            Some(user) if request.user_assertion().is_none() => {
                Cow::Owned(request.clone().for_user(user))
            }
            _ => Cow::Borrowed(request),
        }
    }

    /// The version of what the source is made of.
    pub(crate) fn source_version(&self) -> u64 {
        self.cache.source().input_version()
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
