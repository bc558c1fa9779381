//! What requests to signed addresses are made with. It must not hold a credential,
//! nor a way to one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use twinkit_http::Clock;

use super::{SignedAddress, SignedDownload, SignedRequest};
use crate::error::seconds;
use crate::pipeline::within_runtime;
use crate::retry::Budget;
use crate::{Context, Error, ErrorKind, Method, RetryPolicy};

/// The connections, the time limits and the retry budget of a client, and nothing
/// else of it: whoever holds this can call nobody in the client's name. Cheap to
/// clone.
#[derive(Clone)]
pub struct SignedClient {
    pub(super) http: reqwest::Client,
    /// With what the options of the client's calls say.
    pub(super) policy: RetryPolicy,
    pub(super) budget: Arc<Budget>,
    pub(super) clock: Arc<dyn Clock>,
    /// How long a transfer may take as a whole, if the caller says so. That of the
    /// policy is for calls: large contents take as long as they take.
    timeout: Option<Duration>,
    deadline: Option<Instant>,
}

impl SignedClient {
    /// The same for one transfer, which begins now: the caller's
    /// [`timeout`](crate::CallOptions::timeout), if there is one, bounds all of it.
    #[must_use]
    pub fn begun(&self) -> Self {
        let deadline = self.timeout.and_then(|limit| self.clock.instant().checked_add(limit));
        Self { deadline, ..self.clone() }
    }

    /// Does a part of the transfer in what is left of its time.
    ///
    /// # Errors
    /// As the part's; [`ErrorKind::Timeout`] when the time is over;
    /// [`ErrorKind::Configuration`] outside of a Tokio runtime.
    pub async fn in_time<T>(
        &self,
        operation: &'static str,
        part: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        within_runtime()?;
        let Some(end) = self.deadline else { return part.await };
        timeout_at(end, part).await.unwrap_or_else(|_| {
            let limit = seconds(self.timeout.unwrap_or_default());
            let message = format!("the transfer did not end within {limit} s");
            let mut error = Error::new(ErrorKind::Timeout, message);
            error.facts_mut().retryable = true;
            Err(error.in_operation(operation))
        })
    }

    /// Whether a wait ends before the transfer's time does.
    pub(super) fn is_in_time(&self, wait: Duration) -> bool {
        let at = self.clock.instant().checked_add(wait);
        self.deadline.is_none_or(|end| at.is_some_and(|at| at < end))
    }

    /// Starts a request to a signed address, in the name of `operation`.
    pub fn request(
        &self,
        operation: &'static str,
        method: Method,
        address: &SignedAddress,
    ) -> SignedRequest {
        SignedRequest::new(self.clone(), operation, method, address.clone())
    }

    /// Starts to read what lies at a signed address, in the name of `operation`.
    #[must_use]
    pub fn download(&self, operation: &'static str, address: SignedAddress) -> SignedDownload {
        SignedDownload::new(self.clone(), operation, address)
    }
}

impl Context {
    /// What of this client goes along to signed addresses.
    #[must_use]
    pub fn for_signed_addresses(&self) -> SignedClient {
        let (mut policy, options) = (self.policy().clone(), self.options());
        policy.max_retries = options.max_retries.unwrap_or(policy.max_retries);
        policy.attempt_timeout = options.attempt_timeout.unwrap_or(policy.attempt_timeout);
        SignedClient {
            http: self.client().clone(),
            policy,
            budget: self.shared_budget(),
            clock: Arc::clone(self.clock()),
            timeout: options.timeout,
            deadline: None,
        }
    }
}

impl fmt::Debug for SignedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedClient").field("policy", &self.policy).finish_non_exhaustive()
    }
}
