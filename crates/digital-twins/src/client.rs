//! How a [`Client`] is made, and what all its calls share. It must not know
//! any single operation.

use std::sync::Arc;

use progenitor_client::{
    CallOptions, Context, ContextBuilder, Error, HttpClientConfig, Method, Origin, OriginSet,
    RawRequest, RetryPolicy,
};
use twinkit_auth::{Authorizer, BearerAuthorizer, Credential};

use crate::{Client, hints};

/// Scope of the tokens that the data plane takes in the public cloud.
pub const TOKEN_SCOPE: &str = "https://digitaltwins.azure.net/.default";

/// The version of the data plane that this client is generated for.
pub const API_VERSION: &str = "2023-10-31";

impl Client {
    /// Starts a client of the instance at `endpoint`: `https://` and the
    /// instance's host name as the portal or `az dt show` gives it
    /// (`properties.hostName`). Do not put the host together yourself.
    pub fn builder(
        endpoint: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        ClientBuilder {
            endpoint: endpoint.into(),
            caller: Caller::Credential(credential.into()),
            scope: TOKEN_SCOPE.to_owned(),
            http: HttpClientConfig::new(),
            allow_http: false,
            retry: RetryPolicy::new(),
            options: CallOptions::new(),
            trace_parent: None,
        }
    }

    /// The same client with other options for its calls: a cheap clone on the
    /// same connections and retry budget.
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

    /// A call that has no method here yet, through the same pipeline: sign-in,
    /// retries, errors. `path` starts with `/` and is percent-encoded; the API
    /// version is added.
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        self.inner.request(method, path).query("api-version", API_VERSION)
    }
}

/// Settings of a [`Client`].
#[must_use = "nothing is made until `build` is called"]
pub struct ClientBuilder {
    endpoint: String,
    caller: Caller,
    scope: String,
    http: HttpClientConfig,
    allow_http: bool,
    retry: RetryPolicy,
    options: CallOptions,
    trace_parent: Option<TraceParent>,
}

type TraceParent = Box<dyn Fn() -> Option<String> + Send + Sync>;

#[derive(Debug)]
enum Caller {
    Credential(Credential),
    Authorizer(Arc<dyn Authorizer>),
}

impl ClientBuilder {
    /// Asks for tokens of another scope than the public cloud's. Sovereign
    /// clouds may need it; no vendor statement names theirs.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Signs requests another way. The authorizer itself decides which origins
    /// may see its credential.
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> Self {
        self.caller = Caller::Authorizer(authorizer);
        self
    }

    /// Trusts the certificate authorities of a PEM bundle as well as the
    /// system's.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http = self.http.with_ca_pem(pem);
        self
    }

    /// Sends everything through this proxy instead of the one that the
    /// environment names.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http = self.http.with_proxy(url);
        self
    }

    /// Names the application in the `User-Agent` header.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.http = self.http.with_user_agent_suffix(suffix);
        self
    }

    /// Allows a plain `http` endpoint on another machine: tokens then travel in
    /// clear text. `http` to this machine needs no permission.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// How often and how long failed calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Options of all calls that set none of their own.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends the `traceparent` (W3C Trace Context) that `current` gives at the
    /// time of each call. The service passes it on to the events it emits.
    pub fn trace_parent(
        mut self,
        current: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.trace_parent = Some(Box::new(current));
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    /// [`Error`] of kind `Configuration`: what is wrong and its cure. An
    /// endpoint that is not `https` (or `http` on this machine) is refused.
    pub fn build(self) -> Result<Client, Error> {
        let origin = Origin::parse(self.endpoint.trim())
            .map_err(|e| Error::configuration(format!("the endpoint cannot be used: {e}")))?;
        let authorizer = match self.caller {
            Caller::Authorizer(authorizer) => authorizer,
            Caller::Credential(credential) => Arc::new(
                BearerAuthorizer::new(credential, [self.scope], OriginSet::from(origin))
                    .map_err(|e| Error::configuration(e.to_string()))?,
            ),
        };
        let mut context = ContextBuilder::new(self.endpoint, authorizer)
            .http(self.http)
            .allow_http(self.allow_http)
            .retry(self.retry)
            .options(self.options)
            .hints(hints::hint);
        if let Some(current) = self.trace_parent {
            context = context.trace_parent(current);
        }
        Ok(Client::from_context(context.build()?))
    }
}

impl Client {
    fn from_context(context: Context) -> Self {
        Self {
            baseurl: context.base_url().to_owned(),
            client: context.client().clone(),
            inner: context,
        }
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("caller", &self.caller)
            .field("scope", &self.scope)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}
