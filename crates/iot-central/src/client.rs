//! How a [`Client`] is made, and what all its calls share. It must not know
//! any single operation.

use std::sync::Arc;

use progenitor_client::{CallOptions, Context, Error, Method, RawRequest};
use twinkit_auth::{ApiToken, AuthError, Authorizer, Credential, SecretString};

use crate::{Client, hints};

/// Scope of the tokens that the data plane takes: one for all applications,
/// which know their users themselves. No other cloud than the public one is
/// known to have the service; [`ClientBuilder::scope`] sets another scope.
pub const TOKEN_SCOPE: &str = "https://apps.azureiotcentral.com/.default";

/// The version of the data plane that this client is generated for.
pub const API_VERSION: &str = "2022-07-31";

/// Settings of a [`Client`].
pub type ClientBuilder = progenitor_client::ClientBuilder<Client>;

impl Client {
    /// Starts a client of the application at `endpoint`, such as
    /// `https://myapp.azureiotcentral.com`, with or without `/api` at its end.
    ///
    /// The credential's owner must be a user of the application. A service
    /// principal is made one by
    /// [`onboard_service_principal`](Client::onboard_service_principal).
    pub fn builder(
        endpoint: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        let endpoint = without_api(&endpoint.into());
        ClientBuilder::bearer(endpoint, credential.into(), TOKEN_SCOPE).hints(hints::hint)
    }

    /// Starts a client that calls with an API token of the application:
    /// `SharedAccessSignature sr=...&sig=...&skn=...&se=...`, as it was made.
    ///
    /// ```
    /// use twinkit_iot_central::Client;
    ///
    /// let token = "SharedAccessSignature sr=11111111-2222-3333-4444-555555555555&sig=c2ln&skn=ops&se=1999999999999";
    /// let client = Client::with_api_token("https://myapp.azureiotcentral.com", token)?.build()?;
    /// # Ok::<(), twinkit_iot_central::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is no
    /// API token (`Bearer` before it, only a part of it, a bearer token). When the
    /// client is built, if it has ended by its own words and the builder's clock.
    /// The token is not shown.
    pub fn with_api_token(
        endpoint: impl Into<String>,
        token: impl Into<SecretString>,
    ) -> Result<ClientBuilder, Error> {
        let endpoint = without_api(&endpoint.into());
        let token = ApiToken::new(token).map_err(refused)?;
        let made = ClientBuilder::made(endpoint, move |origin, clock| {
            token.check_expiry(clock.now()).map_err(refused)?;
            let authorizer = token.authorizer(origin.clone()).map_err(refused)?;
            Ok(Arc::new(authorizer.with_clock(Arc::clone(clock))) as Arc<dyn Authorizer>)
        });
        Ok(made.hints(hints::hint))
    }

    /// The same client with other options for its calls: a cheap clone on the
    /// same connections and retry budget. What they leave unset stays as it is here;
    /// headers are joined. Commands of devices may take a minute,
    /// and are waited for without any option.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use twinkit_iot_central::{CallOptions, Client, Error, types};
    /// # async fn f(client: Client) -> Result<(), Error> {
    /// let hasty = client.with_options(CallOptions::new().timeout(Duration::from_secs(5)));
    /// let run = hasty.run_device_command().device_id("pump-1").command_name("restart");
    /// run.body(types::DeviceCommand::builder()).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { inner: self.inner.with_options(options), ..self.clone() }
    }

    /// The same application as another caller: connections, settings and pacing
    /// are shared.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// client's scope cannot be asked for.
    #[inline]
    pub fn with_credential(&self, credential: impl Into<Credential>) -> Result<Self, Error> {
        Ok(self.inner.with_credential(credential.into(), TOKEN_SCOPE)?.into())
    }

    /// A call that has no method here yet, through the same pipeline: sign-in,
    /// retries, errors. `path` starts with `/api/` and is percent-encoded; the
    /// API version is added, unless `query("api-version", ...)` names another.
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        self.inner.request(method, path).default_query("api-version", API_VERSION)
    }

    /// The newest preview of the API, on the same connections and retry budget.
    #[cfg(feature = "preview")]
    #[must_use]
    pub fn preview(&self) -> crate::preview::Client {
        self.inner.clone().into()
    }
}

/// A token that cannot be meant is a wrong setting.
fn refused(error: AuthError) -> Error {
    let hint = error.hint().map(str::to_owned).unwrap_or_default();
    Error::configuration(error.without_hint().to_string()).with_hint(hint)
}

/// Every path begins with `/api`, so that it need not stand in the endpoint.
fn without_api(endpoint: &str) -> String {
    let trimmed = endpoint.trim().trim_end_matches('/');
    trimmed.strip_suffix("/api").unwrap_or(trimmed).to_owned()
}

impl From<Context> for Client {
    fn from(context: Context) -> Self {
        Self { client: context.client().clone(), inner: context }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_may_end_in_api() {
        for endpoint in ["https://a.example", "https://a.example/", "https://a.example/api/"] {
            assert_eq!(without_api(endpoint), "https://a.example", "{endpoint}");
        }
        assert_eq!(without_api("https://a.example/myapi"), "https://a.example/myapi");
    }

    #[test]
    fn what_is_no_api_token_is_refused_without_showing_it() {
        for token in ["Bearer canary", "canary", ""] {
            let error = Client::with_api_token("https://a.example", token).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
