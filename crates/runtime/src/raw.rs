//! Requests that no generated operation describes, through the same pipeline
//! as the others. It must not know what they ask for.

use std::fmt;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::pipeline::{self, Call};
use crate::{Answer, Context, Error, Json, Operation, Response, context, options, path};

/// A request to be sent, made by [`Context::request`].
///
/// ```no_run
/// # use twinkit_runtime::{Context, Error, Method};
/// # async fn f(context: Context) -> Result<(), Error> {
/// let answer = context
///     .request(Method::GET, "/some/new/thing")
///     .query("api-version", "2030-01-01")
///     .json::<serde_json::Value>()
///     .await?;
/// println!("{}", answer["state"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `send` or `json` is awaited"]
pub struct RawRequest {
    context: Context,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    defaults: Vec<(&'static str, &'static str)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    row: Option<&'static Operation>,
    idempotent: Option<bool>,
    fault: Option<Error>,
}

impl RawRequest {
    pub(crate) fn new(context: Context, method: Method, path: &str) -> Self {
        Self {
            context,
            method,
            path: path.to_owned(),
            query: Vec::new(),
            defaults: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            row: None,
            idempotent: None,
            fault: None,
        }
    }

    /// Treats the request as the operation `id` of the table: its media types,
    /// API version and retry rules then apply.
    pub fn operation(mut self, operations: &'static [Operation], id: &str) -> Self {
        match context::find(operations, id) {
            Ok(row) => self.row = Some(row),
            Err(error) => self.fail(error),
        }
        self
    }

    /// Adds a query parameter; it is encoded here.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter when the request is sent, unless the caller has given one
    /// of the name: for client crates, whose APIs have a version.
    pub fn default_query(mut self, name: &'static str, value: &'static str) -> Self {
        self.defaults.push((name, value));
        self
    }

    /// Sets a header. One that cannot be sent, or that callers cannot set
    /// (`Authorization`, `Host` and those of the connection), makes the call fail
    /// before anything is sent.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        match options::sendable(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(fault) => self.fail(Error::InvalidRequest(fault)),
        }
        self
    }

    /// Sends a value as a JSON body. One that JSON has no form for, such as a number that
    /// is not finite, makes the call fail before anything is sent.
    pub fn json_body<T: Serialize + ?Sized>(self, value: &T) -> Self {
        match Json::from_serialize(value) {
            Ok(document) => self.body("application/json", document.into_bytes()),
            Err(error) => {
                let mut failed = self;
                failed.fail(error);
                failed
            }
        }
    }

    /// Sends bytes of a media type.
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self.header(CONTENT_TYPE, media_type)
    }

    /// Says whether sending it twice has the effect of sending it once. By
    /// default the method decides (RFC 9110 section 9.2.2), or the operation.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Sends the request and gives the body as it came.
    ///
    /// # Errors
    /// [`Error`] for everything that is not a success.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        Ok(self.exchange().await?.bytes())
    }

    /// Sends the request and decodes the JSON that comes.
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`ErrorKind::Decode`](crate::ErrorKind::Decode).
    pub async fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        self.exchange().await?.decode()
    }

    /// Boxed, so that it is compiled here and not where it is awaited.
    fn exchange(self) -> BoxFuture<'static, Result<Answer, Error>> {
        let prepared = self.prepared();
        Box::pin(async move {
            let (context, request, call) = prepared?;
            pipeline::run(&context, request, &call).await
        })
    }

    fn prepared(mut self) -> Result<(Context, Box<Request>, Call), Error> {
        if let Some(error) = self.fault.take() {
            return Err(error);
        }
        let mut request = Box::new(Request::new(self.method.clone(), self.url()?));
        *request.headers_mut() = self.headers;
        *request.body_mut() = self.body.map(Into::into);
        let mut context = self.context;
        if let Some(idempotent) = self.idempotent {
            context = context.with_options(context.options().clone().idempotent(idempotent));
        }
        let operation = match self.row {
            Some(row) => row.id.into(),
            None => format!("{} {}", self.method, self.path).into(),
        };
        Ok((context, request, Call { operation, row: self.row, verbatim: false }))
    }

    fn url(&self) -> Result<Url, Error> {
        let path = &self.path;
        let odd = path.contains(['?', '#']) || path::is_ambiguous(path);
        if !path.starts_with('/') || odd {
            return Err(Error::InvalidRequest(format!(
                "{path:?} is not a path below the endpoint: it starts with a slash, is \
                 percent-encoded, and has no query and no \".\" or \"..\""
            )));
        }
        let mut url = Url::parse(&format!("{}{path}", self.context.base_url()))
            .map_err(|e| Error::InvalidRequest(format!("{path:?} makes no URL: {e}")))?;
        let given = |name: &str| self.query.iter().any(|(known, _)| known == name);
        let defaults = self.defaults.iter().filter(|(name, _)| !given(name));
        let defaults: Vec<_> = defaults.copied().collect();
        if !self.query.is_empty() || !defaults.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query).extend_pairs(defaults);
        }
        Ok(url)
    }

    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
