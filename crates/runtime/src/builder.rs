//! The settings of a client, checked when it is built. It must not know any
//! platform's defaults: its client crate sets them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use twinkit_auth::{Authorizer, BearerAuthorizer, Credential};
use twinkit_http::{Clock, HttpClientConfig, Origin, OriginSet, SystemClock, endpoint};

use crate::context::{Context, Shared, TraceParent};
use crate::retry::Budget;
use crate::{CallOptions, Error, HintFn, Pacing, RetryPolicy};

/// Settings of a client `C`, which is anything that is made from a
/// [`Context`]: every platform's client is built by this one type.
///
/// ```
/// use std::sync::Arc;
/// use twinkit_auth::StaticAuthorizer;
/// use twinkit_runtime::{Context, Origin};
///
/// let endpoint = "https://example.digitaltwins.azure.net";
/// let origin = Origin::parse(endpoint)?;
/// let authorizer = StaticAuthorizer::new("Bearer token", origin)?;
/// let context = Context::builder(endpoint, Arc::new(authorizer)).build()?;
/// assert_eq!(context.base_url(), endpoint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is made until `build` is called"]
pub struct ClientBuilder<C = Context> {
    endpoint: String,
    caller: Caller,
    http: HttpClientConfig,
    allow_http: bool,
    policy: RetryPolicy,
    pacing: Option<Pacing>,
    options: CallOptions,
    clock: Arc<dyn Clock>,
    hints: Option<HintFn>,
    trace_parent: Option<TraceParent>,
    client: PhantomData<fn() -> C>,
}

/// Makes the authorizer when the client is built, for its origin and by its clock.
type MakeAuthorizer =
    Box<dyn FnOnce(&Origin, &Arc<dyn Clock>) -> Result<Arc<dyn Authorizer>, Error> + Send + Sync>;

/// As whom the client calls.
enum Caller {
    Authorizer(Arc<dyn Authorizer>),
    Made(MakeAuthorizer),
    /// Tokens of one scope, for the endpoint's origin only.
    Bearer(Credential, String),
}

impl<C: From<Context>> ClientBuilder<C> {
    /// Settings for `endpoint`, the base URL of the service, as whom
    /// `authorizer` says, with everything else as suits the public clouds.
    pub fn new(endpoint: impl Into<String>, authorizer: Arc<dyn Authorizer>) -> Self {
        Self::with_caller(endpoint.into(), Caller::Authorizer(authorizer))
    }

    /// Settings for `endpoint`, with bearer tokens of `credential` for `scope`
    /// that are sent to the endpoint's origin and to nothing else.
    pub fn bearer(
        endpoint: impl Into<String>,
        credential: Credential,
        scope: impl Into<String>,
    ) -> Self {
        Self::with_caller(endpoint.into(), Caller::Bearer(credential, scope.into()))
    }

    /// Settings for `endpoint` with an authorizer that `make` makes when the client
    /// is built, for its origin and by its clock.
    pub fn made(
        endpoint: impl Into<String>,
        make: impl FnOnce(&Origin, &Arc<dyn Clock>) -> Result<Arc<dyn Authorizer>, Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::with_caller(endpoint.into(), Caller::Made(Box::new(make)))
    }

    fn with_caller(endpoint: String, caller: Caller) -> Self {
        Self {
            endpoint,
            caller,
            http: HttpClientConfig::new(),
            allow_http: false,
            policy: RetryPolicy::new(),
            pacing: None,
            options: CallOptions::new(),
            clock: Arc::new(SystemClock),
            hints: None,
            trace_parent: None,
            client: PhantomData,
        }
    }

    /// Another endpoint: the base URL of the service.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Asks for tokens of another scope. Sovereign clouds may need it. Without
    /// effect beside an authorizer.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        if let Caller::Bearer(_, asked) = &mut self.caller {
            *asked = scope.into();
        }
        self
    }

    /// Signs requests another way. The authorizer itself decides which origins
    /// may see its credential.
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> Self {
        self.caller = Caller::Authorizer(authorizer);
        self
    }

    /// Trusts the authorities of a PEM bundle as well as the system's.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http = self.http.with_ca_pem(pem);
        self
    }

    /// Sends everything through this proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http = self.http.with_proxy(url);
        self
    }

    /// Names the application in the `User-Agent` header, behind ours.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.http = self.http.with_user_agent_suffix(suffix);
        self
    }

    /// Replaces all settings of the HTTP client at once.
    pub fn http(mut self, config: HttpClientConfig) -> Self {
        self.http = config;
        self
    }

    /// Allows an endpoint with plain `http` on another machine. Tokens then
    /// travel in clear text; `http` to this machine needs no permission.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// How often and how long to repeat.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sends no faster than this; by default as fast as calls are made.
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = Some(pacing);
        self
    }

    /// Options of all calls. A client `with_options` keeps of them what it does not set
    /// itself.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The platform's advice on failures.
    pub fn hints(mut self, hints: HintFn) -> Self {
        self.hints = Some(hints);
        self
    }

    /// Sends a `traceparent` header (W3C Trace Context) with each call, as
    /// `current` gives it at that time; requests that have one keep it.
    pub fn trace_parent(
        mut self,
        current: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.trace_parent = Some(Arc::new(current));
        self
    }

    /// Checks the settings and makes the client. Nothing is sent. An endpoint
    /// that is not `https` (or `http` on this machine) is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming what is wrong and its cure.
    pub fn build(self) -> Result<C, Error> {
        let url = endpoint::parse(&self.endpoint, self.allow_http)
            .map_err(|e| Error::configuration(format!("the endpoint cannot be used: {e}")))?;
        let origin =
            Origin::of(&url).ok_or_else(|| Error::configuration("the endpoint names no host"))?;
        let (authorizer, scope) = match self.caller {
            Caller::Authorizer(authorizer) => (authorizer, None),
            Caller::Made(make) => (make(&origin, &self.clock)?, None),
            Caller::Bearer(credential, scope) => {
                let origins = OriginSet::from(origin.clone());
                let bearer = BearerAuthorizer::new(credential, [scope.as_str()], origins)
                    .map_err(|e| Error::configuration(e.to_string()))?;
                (Arc::new(bearer) as Arc<dyn Authorizer>, Some(scope))
            }
        };
        let client = self.http.build_for(&url).map_err(|error| {
            let mut made = Error::configuration(error.to_string());
            made.facts_mut().source = Some(Box::new(error));
            made
        })?;
        let shared = Shared {
            client,
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            base_path: url.path().trim_end_matches('/').to_owned(),
            url,
            origin,
            authorizer,
            scope,
            budget: Arc::new(Budget::new(self.policy.budget)),
            pacing: self.pacing,
            policy: self.policy,
            clock: self.clock,
            hints: self.hints,
            trace_parent: self.trace_parent,
        };
        Ok(Context::new(shared, self.options).into())
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("endpoint", &Origin::parse(&self.endpoint).ok())
            .field("http", &self.http)
            .field("allow_http", &self.allow_http)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
