//! How a [`Client`] is made, and what all its calls share. It must not know
//! any single operation.

use progenitor_client::{CallOptions, Context, Error, Method, RawRequest};
use twinkit_auth::Credential;

use crate::{Client, hints};

/// Scope of the tokens that the data plane takes in the public cloud. No
/// vendor statement names another for the sovereign clouds;
/// [`ClientBuilder::scope`] sets one.
pub const TOKEN_SCOPE: &str = "https://digitaltwins.azure.net/.default";

/// The version of the data plane that this client is generated for.
pub const API_VERSION: &str = "2023-10-31";

/// Settings of a [`Client`].
pub type ClientBuilder = progenitor_client::ClientBuilder<Client>;

impl Client {
    /// Starts a client of the instance at `endpoint`: `https://` and the
    /// instance's host name as the portal or `az dt show` gives it
    /// (`properties.hostName`). Do not put the host together yourself.
    pub fn builder(
        endpoint: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        ClientBuilder::bearer(endpoint, credential.into(), TOKEN_SCOPE).hints(hints::hint)
    }

    /// The same client with other options for its calls: a cheap clone on the
    /// same connections and retry budget. What they leave unset stays as it is here;
    /// headers are joined.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use twinkit_digital_twins::{CallOptions, Client, Error};
    /// # async fn f(client: Client) -> Result<(), Error> {
    /// let hasty = client.with_options(CallOptions::new().timeout(Duration::from_secs(2)).no_retry());
    /// hasty.get_twin().id("room-1").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { inner: self.inner.with_options(options), ..self.clone() }
    }

    /// The same instance as another caller: connections, settings and pacing are
    /// shared. A web API calls so for each of its users
    /// ([`Credential::on_behalf_of`]).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// client's scope cannot be asked for.
    #[inline]
    pub fn with_credential(&self, credential: impl Into<Credential>) -> Result<Self, Error> {
        Ok(self.inner.with_credential(credential.into(), TOKEN_SCOPE)?.into())
    }

    /// A call that has no method here yet, through the same pipeline: sign-in,
    /// retries, errors. `path` starts with `/` and is percent-encoded; the API
    /// version is added, unless `query("api-version", ...)` names another.
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        self.inner.request(method, path).default_query("api-version", API_VERSION)
    }
}

impl From<Context> for Client {
    fn from(context: Context) -> Self {
        Self { client: context.client().clone(), inner: context }
    }
}
