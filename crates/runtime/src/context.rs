//! What a client is made with: where to, as whom, and how. One context is one
//! connection pool and one retry budget; clones share both.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use futures_core::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use twinkit_auth::{Authorizer, BearerAuthorizer, Credential, TokenClaims};
use twinkit_http::{Clock, Origin};

use crate::pipeline::{self, Call};
use crate::retry::Budget;
use crate::{
    Answer, CallOptions, ClientBuilder, Error, ErrorFacts, ErrorKind, HintFn, Operation, Pacing,
    RawRequest, Response, RetryPolicy, operation,
};

/// Gives the `traceparent` header (W3C Trace Context) of the caller's present
/// span, if there is one.
pub(crate) type TraceParent = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// The longest address of a request that HTTP here knows.
const MAX_LINK: usize = 65_534;

/// A client's connection, credential and settings. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
    options: Arc<CallOptions>,
}

#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) client: reqwest::Client,
    /// The endpoint as it was given; links are resolved against it.
    pub(crate) url: Url,
    /// Without a trailing slash.
    pub(crate) base_url: String,
    /// The path of the base URL, empty or without a trailing slash.
    pub(crate) base_path: String,
    pub(crate) origin: Origin,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    /// What tokens are asked for, where a credential calls.
    pub(crate) scope: Option<String>,
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: Arc<Budget>,
    pub(crate) pacing: Option<Pacing>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hints: Option<HintFn>,
    pub(crate) trace_parent: Option<TraceParent>,
}

impl Context {
    /// Starts the settings of a client for `endpoint`, the base URL of the
    /// service, as whom `authorizer` says.
    pub fn builder(endpoint: impl Into<String>, authorizer: Arc<dyn Authorizer>) -> ClientBuilder {
        ClientBuilder::new(endpoint, authorizer)
    }

    pub(crate) fn new(shared: Shared, options: CallOptions) -> Self {
        Self { shared: Arc::new(shared), options: Arc::new(options) }
    }

    /// The same context with other options for its calls. What they leave unset stays as
    /// it is here; headers are joined.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        let options = Arc::new(options.over(&self.options));
        Self { shared: Arc::clone(&self.shared), options }
    }

    /// The same service on the same connections, as somebody else. Nothing is
    /// shared but connections, settings, options and pacing: the other one has a
    /// retry budget of its own. `scope` is what its tokens are asked for, if any.
    #[must_use]
    pub fn with_authorizer(&self, authorizer: Arc<dyn Authorizer>, scope: Option<String>) -> Self {
        let budget = Arc::new(Budget::new(self.shared.policy.budget));
        let shared = Shared { authorizer, scope, budget, ..Shared::clone(&self.shared) };
        Self { shared: Arc::new(shared), options: Arc::clone(&self.options) }
    }

    /// [The same service as somebody else](Self::with_authorizer), who has a
    /// credential. Its tokens are asked for the scope of this context, or for
    /// `default_scope` where no credential calls here.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the scope cannot be asked for.
    pub fn with_credential(
        &self,
        credential: Credential,
        default_scope: &str,
    ) -> Result<Self, Error> {
        let scope = self.scope().unwrap_or(default_scope).to_owned();
        let bearer = BearerAuthorizer::new(credential, [scope.as_str()], self.origin().clone())
            .map_err(|error| Error::configuration(error.to_string()))?;
        Ok(self.with_authorizer(Arc::new(bearer), Some(scope)))
    }

    /// The scope that tokens are asked for; `None` if no credential calls.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.shared.scope.as_deref()
    }

    /// What the caller's own token says of its owner: `None` if it tells nothing,
    /// as API tokens and opaque ones do. A token is asked for if none is at hand.
    ///
    /// # Errors
    /// What the credential says.
    pub async fn caller_claims(&self) -> Result<Option<TokenClaims>, Error> {
        Ok(self.shared.authorizer.claims().await?)
    }

    /// The id by which the service knows the credential that calls, if it has
    /// one: an API token's.
    #[must_use]
    pub fn credential_id(&self) -> Option<&str> {
        self.shared.authorizer.credential_id()
    }

    /// The HTTP client that requests are built with. It follows no redirects.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.shared.client
    }

    /// Base URL of the service, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The origin that the credential is sent to, and nothing else.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    /// The clock that waits and deadlines go by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// The address of a path below the base URL. For generated code, which encodes what
    /// it puts into paths. The base URL is not read again for it: its host costs as much
    /// as all the rest.
    #[must_use]
    pub fn address(&self, path: fmt::Arguments<'_>) -> Url {
        // Long enough for most; the text grows where it is not.
        let mut text = String::with_capacity(128);
        text.push_str(&self.shared.base_path);
        // Texts take everything that is written to them.
        let _ = text.write_fmt(path);
        let mut url = self.shared.url.clone();
        url.set_path(&text);
        url
    }

    /// Sends the request of a generated operation and hands back a successful
    /// answer, read whole. `request` is what the request's builder came to.
    ///
    /// The future is boxed, so that it is compiled here and not once for every
    /// operation.
    ///
    /// # Errors
    /// [`Error`] for everything that is not a success, after the repeats that
    /// [the table](crate::retry) allows.
    pub fn call(
        &self,
        request: reqwest::Result<reqwest::Request>,
        operation: &'static Operation,
    ) -> BoxFuture<'_, Result<Answer, Error>> {
        // Before the future begins, which would keep room for it.
        let request = request.map(Box::new);
        Box::pin(async move {
            let call =
                Call { operation: operation.id.into(), row: Some(operation), verbatim: false };
            let request = request.map_err(|error| Error::from(error).in_operation(operation.id))?;
            pipeline::run(self, request, &call).await
        })
    }

    /// How the pages behind next links are fetched: by a `GET` of the URL
    /// exactly as the service gave it, with `headers`, in the name of the list
    /// operation that it continues.
    ///
    /// # Errors
    /// The futures': [`ErrorKind::Paging`] if the link does not lie on this
    /// client's origin; otherwise as [`call`](Self::call).
    pub fn links<P: DeserializeOwned>(
        &self,
        operations: &'static [Operation],
        operation_id: &'static str,
        headers: HeaderMap,
    ) -> impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static + use<P>
    {
        let context = self.clone();
        move |link: String| {
            let answer = context.follow(operations, operation_id, link, headers.clone());
            Box::pin(async move { answer.await?.decode() })
        }
    }

    fn follow(
        &self,
        operations: &'static [Operation],
        operation_id: &'static str,
        link: String,
        headers: HeaderMap,
    ) -> BoxFuture<'static, Result<Answer, Error>> {
        let context = self.clone();
        let prepared = self.page_behind(operations, operation_id, &link, headers);
        Box::pin(async move {
            let (request, call) = prepared?;
            pipeline::run(&context, request, &call).await
        })
    }

    fn page_behind(
        &self,
        operations: &'static [Operation],
        operation_id: &'static str,
        link: &str,
        headers: HeaderMap,
    ) -> Result<(Box<reqwest::Request>, Call), Error> {
        let row = find(operations, operation_id)?;
        let url = self.own_link(link).map_err(|error| error.in_operation(row.id))?;
        let mut request = Box::new(reqwest::Request::new(Method::GET, url));
        *request.headers_mut() = headers;
        Ok((request, Call { operation: row.id.into(), row: Some(row), verbatim: true }))
    }

    /// A request that no operation describes, or not yet, through the same
    /// pipeline. `path` is below the base URL, percent-encoded, without a
    /// query ([`RawRequest::query`] adds to it).
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        RawRequest::new(self.clone(), method, path)
    }

    /// A link of the service's, resolved and checked to be on this origin.
    pub(crate) fn own_link(&self, link: &str) -> Result<Url, Error> {
        let refused = |message: String| Error::new(ErrorKind::Paging, message);
        // Below a page, whose address is not known here, it would lead elsewhere.
        let rooted = link.starts_with('/').then(|| self.shared.url.join(link));
        let url = rooted
            .unwrap_or_else(|| Url::parse(link))
            .map_err(|e| refused(format!("the link to the next page is no whole URL: {e}")))?;
        if url.as_str().len() > MAX_LINK {
            return Err(refused(format!(
                "the link to the next page is longer than {MAX_LINK} bytes"
            )));
        }
        if !self.shared.origin.contains(&url) {
            let target =
                Origin::of(&url).map_or_else(|| url.scheme().to_owned(), |o| o.to_string());
            return Err(refused(format!(
                "the link to the next page leads to {target}, not to {}; it was not followed",
                self.shared.origin
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("the link to the next page carries a user name".to_owned()));
        }
        Ok(url)
    }

    /// The options of its calls.
    #[must_use]
    pub fn options(&self) -> &CallOptions {
        &self.options
    }

    pub(crate) fn base_path(&self) -> &str {
        &self.shared.base_path
    }

    pub(crate) fn authorizer(&self) -> &dyn Authorizer {
        &*self.shared.authorizer
    }

    pub(crate) fn policy(&self) -> &RetryPolicy {
        &self.shared.policy
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.shared.budget
    }

    pub(crate) fn shared_budget(&self) -> Arc<Budget> {
        Arc::clone(&self.shared.budget)
    }

    pub(crate) fn pacing(&self) -> Option<&Pacing> {
        self.shared.pacing.as_ref()
    }

    pub(crate) fn advice(&self, facts: &ErrorFacts<'_>) -> Option<&'static str> {
        self.shared.hints.and_then(|hints| hints(facts))
    }

    pub(crate) fn trace_parent(&self) -> Option<HeaderValue> {
        let parent = self.shared.trace_parent.as_ref()?;
        HeaderValue::from_str(&parent()?).ok()
    }
}

pub(crate) fn find(
    operations: &'static [Operation],
    id: &str,
) -> Result<&'static Operation, Error> {
    operation::find(operations, id).ok_or_else(|| {
        Error::InvalidRequest(format!("the operation table has no operation named {id:?}"))
    })
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("base_url", &self.shared.base_url)
            .field("authorizer", &self.shared.authorizer)
            .field("policy", &self.shared.policy)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
