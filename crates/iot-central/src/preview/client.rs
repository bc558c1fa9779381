//! What all calls of the preview share. It is made from a client of the stable
//! version, see [`Client::preview`](crate::Client::preview).

use progenitor_client::{CallOptions, Context, Method, RawRequest};

use super::Client;

/// The version of the data plane that this client is generated for.
pub const API_VERSION: &str = "2022-10-31-preview";

impl Client {
    /// The same client with other options for its calls: a cheap clone on the
    /// same connections and retry budget. What they leave unset stays as it is here;
    /// headers are joined.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { inner: self.inner.with_options(options), ..self.clone() }
    }

    /// A call that has no method here yet, through the same pipeline. `path`
    /// starts with `/api/` and is percent-encoded; the API version is added,
    /// unless `query("api-version", ...)` names another.
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        self.inner.request(method, path).default_query("api-version", API_VERSION)
    }
}

impl From<Context> for Client {
    fn from(context: Context) -> Self {
        Self { client: context.client().clone(), inner: context }
    }
}
