//! [`TokenSource`]: one way to get a token, uncached. Implemented by this
//! crate's grants and by users who have a way of their own.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use twinkit_http::{Clock, random};

use crate::{AccessToken, AuthError, TokenRequest};

/// A future in a box, so that traits with asynchronous methods can be used
/// behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Fetches tokens. Put it behind a [`Credential`](crate::Credential), which
/// caches, so that many callers cause one fetch.
pub trait TokenSource: Send + Sync + Debug {
    /// What errors and traces call this source, such as `client secret`.
    fn name(&self) -> &'static str;

    /// Fetches a token for `request`, with time limits and retries of its own.
    ///
    /// # Errors
    /// [`AuthError`]; refuse what the source cannot honour (another tenant,
    /// claims, a user's assertion) with [`AuthErrorKind::Config`](crate::AuthErrorKind::Config)
    /// instead of leaving it out.
    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>>;

    /// A number that changes when the credential's input changes, such as a
    /// file's time of change. A remembered failure is forgotten when it does.
    fn input_version(&self) -> u64 {
        0
    }
}

/// What one fetch is given besides the request.
#[derive(Debug, Clone)]
pub struct FetchContext {
    request_id: String,
    clock: Arc<dyn Clock>,
    background: bool,
}

impl FetchContext {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { request_id: random::uuid(), clock, background: false }
    }

    pub(crate) fn in_background(self) -> Self {
        Self { background: true, ..self }
    }

    /// Whether callers have a good token meanwhile, so that this fetch must not
    /// disturb a person.
    #[must_use]
    pub fn is_background(&self) -> bool {
        self.background
    }

    /// A fresh UUID for this fetch, sent as `client-request-id` and found again
    /// in errors and in the service's sign-in logs.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The clock that expiry is reckoned by.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}
