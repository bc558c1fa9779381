//! What requests to signed addresses are made with. It must not hold a credential,
//! nor a way to one.

use std::fmt;
use std::sync::Arc;

use twinkit_http::Clock;

use super::{SignedAddress, SignedDownload, SignedRequest};
use crate::retry::Budget;
use crate::{Context, Method, RetryPolicy};

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
}

impl SignedClient {
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
        }
    }
}

impl fmt::Debug for SignedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedClient").field("policy", &self.policy).finish_non_exhaustive()
    }
}
