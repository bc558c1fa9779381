//! One request to a signed address, with the repeats that its fate allows. It
//! must not know what is transferred.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use tokio::time::{sleep, timeout};
use twinkit_http::{drain_bounded, read_bounded, retry_after};

use super::body::{ByteSource, Part, ReadFault, Sent};
use super::{SignedAddress, SignedClient};
use crate::error::is_html;
use crate::pipeline::{ERROR_BODY_TIME, fault_of_transport, timed_out, whole};
use crate::retry::{Fault, repeating_rule};
use crate::{ByteStream, Error, ErrorKind, Response};

/// The most that is read of an answer that is no download.
const MAX_BODY: usize = 1024 * 1024;
/// The slowest line that is not taken for a broken one, in bytes per second:
/// the time limit of a request grows with what it sends.
const SLOWEST: u64 = 32 * 1024;
/// How the storage services tell the code of an error outside its body.
const ERROR_CODE: &str = "x-ms-error-code";

/// A request to a signed address, to be sent.
#[must_use = "nothing is sent until `send` or `stream` is awaited"]
pub struct SignedRequest {
    client: SignedClient,
    operation: &'static str,
    method: Method,
    address: SignedAddress,
    headers: HeaderMap,
    body: Option<Body>,
}

/// What is to come of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A word that the contents were taken.
    Receipt,
    Contents,
}

impl Wanted {
    /// Other successes say that something else was done, or not yet.
    fn is_told_by(self, status: StatusCode) -> bool {
        match self {
            Self::Receipt => matches!(status.as_u16(), 200 | 201 | 204),
            Self::Contents => matches!(status.as_u16(), 200 | 206),
        }
    }
}

struct Body {
    source: Arc<dyn ByteSource>,
    offset: u64,
    length: u64,
    sent: Option<Sent>,
}

impl SignedRequest {
    pub(super) fn new(
        client: SignedClient,
        operation: &'static str,
        method: Method,
        address: SignedAddress,
    ) -> Self {
        Self { client, operation, method, address, headers: HeaderMap::new(), body: None }
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sends `length` bytes of a source, from `offset` on, and tells `sent`, piece by
    /// piece, how many of them were handed to the connection. A repeat begins at
    /// none again.
    pub fn part(
        mut self,
        source: Arc<dyn ByteSource>,
        offset: u64,
        length: u64,
        sent: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    ) -> Self {
        self.body = Some(Body { source, offset, length, sent });
        self
    }

    /// Sends these bytes.
    pub fn bytes(self, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let length = bytes.len() as u64;
        self.part(Arc::new(bytes), 0, length, None)
    }

    /// Puts contents: sends the request and reads the answer, as far as a mebibyte,
    /// within the time limit of an attempt, which grows with what is sent.
    ///
    /// # Errors
    /// A transport kind, or what the status says, after the repeats that the
    /// [table](crate::retry) allows to what may be sent twice;
    /// [`ErrorKind::OperationFailed`] if the contents cannot be read;
    /// [`ErrorKind::Decode`] for a success that says of no contents that they were taken.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        let (mut response, body) = self.exchange(Wanted::Receipt).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Ok(Response::new(body, status, headers))
    }

    /// Gets contents: sends the request and hands out the answer's body as it comes.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn stream(self) -> Result<Response<ByteStream>, Error> {
        let (response, _) = self.exchange(Wanted::Contents).await?;
        Ok(Response::stream(response))
    }

    async fn exchange(self, wanted: Wanted) -> Result<(reqwest::Response, Bytes), Error> {
        let SignedClient { policy, budget, .. } = &self.client;
        let mut made = 0;
        loop {
            made += 1;
            let (fault, mut error) = match self.attempt(wanted).await {
                Ok(answer) => {
                    budget.give_back(made > 1);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let facts = error.facts_mut();
            facts.attempts = made;
            facts.operation = Some(self.operation.into());
            // Storage services answer 500 when they are in trouble for a moment.
            let rule = repeating_rule(fault, true, true).filter(|_| made <= policy.max_retries);
            let fraction = twinkit_http::random::fraction();
            let wait = policy.wait(made - 1, error.retry_after(), fraction);
            let (Some(_), Some(wait)) = (rule, wait) else { return Err(error) };
            if !self.client.is_in_time(wait) || !budget.take() {
                return Err(error);
            }
            sleep(wait).await;
        }
    }

    async fn attempt(&self, wanted: Wanted) -> Result<(reqwest::Response, Bytes), (Fault, Error)> {
        let mut request = Request::new(self.method.clone(), self.address.0.clone());
        *request.headers_mut() = self.headers.clone();
        let mut limit = self.client.policy.attempt_timeout;
        let fault = ReadFault::default();
        if let Some(body) = &self.body {
            limit = limit.saturating_add(Duration::from_secs(body.length / SLOWEST));
            request.headers_mut().insert(CONTENT_LENGTH, body.length.into());
            // Without contents there is nothing to stream, only the length to tell.
            if body.length > 0 {
                *request.body_mut() = Some(reqwest::Body::wrap_stream(Part {
                    source: Arc::clone(&body.source),
                    offset: body.offset,
                    left: body.length,
                    done: 0,
                    sent: body.sent.clone(),
                    reading: None,
                    fault: fault.clone(),
                }));
            }
        }
        let answer = timeout(limit, self.answer(request, wanted)).await;
        let answer = answer.unwrap_or_else(|_| {
            let mut error = timed_out(limit);
            self.address.name_in(&mut error);
            Err((Fault::TimeLimit, error))
        });
        // The connection only broke because there was nothing to send.
        match (answer, fault.take()) {
            (Err(_), Some(fault)) => Err((Fault::Final, unreadable(fault))),
            (answer, _) => answer,
        }
    }

    async fn answer(
        &self,
        request: Request,
        wanted: Wanted,
    ) -> Result<(reqwest::Response, Bytes), (Fault, Error)> {
        let named = |fault, mut error: Error| {
            self.address.name_in(&mut error);
            error.scrub_address(&self.address.0);
            (fault, error)
        };
        let mut response = self.client.http.execute(request).await.map_err(|error| {
            let error = Error::from_transport(error);
            named(fault_of_transport(&error), error)
        })?;
        let status = response.status();
        if !status.is_success() {
            return Err(self.refused(response).await);
        }
        if !wanted.is_told_by(status) {
            return Err(named(Fault::Final, Error::undeclared(status, response)));
        }
        if wanted == Wanted::Contents {
            return Ok((response, Bytes::new()));
        }
        let body = drain_bounded(&mut response, MAX_BODY).await;
        let (mut response, body) =
            whole(response, body).map_err(|failure| named(failure.fault, failure.error))?;
        // Some services call the empty body of a receipt a page.
        if !body.is_empty() && is_html(response.headers(), "") {
            let headers = std::mem::take(response.headers_mut());
            return Err(named(Fault::Final, Error::web_page(status, headers, &body)));
        }
        Ok((response, body))
    }

    /// What an answer with an error status says.
    async fn refused(&self, mut response: reqwest::Response) -> (Fault, Error) {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body = timeout(ERROR_BODY_TIME, read_bounded(response, MAX_BODY)).await;
        let body = body.ok().and_then(Result::ok).unwrap_or_default();
        let wait = retry_after(&headers, self.client.clock.now());
        let code = headers.get(ERROR_CODE).and_then(|code| code.to_str().ok()).map(str::to_owned);
        let code = code.or_else(|| element(&body, "Code"));
        let mut error: Error = Error::from_answer(status, headers, body);
        let facts = error.facts_mut();
        facts.retry_after = wait;
        // Their bodies are XML or pages, and may repeat the address: only the code is
        // shown, and who refused, which is not the platform.
        facts.message = Some(format!("{} refused it", self.address.origin()));
        facts.code = code;
        (facts.target, facts.inner) = (None, None);
        facts.details.clear();
        facts.others.clear();
        error.scrub_address(&self.address.0);
        (Fault::of_status(status, wait.is_some()), error)
    }
}

/// A fault on this side of the connection, which no repeat mends.
fn unreadable(fault: std::io::Error) -> Error {
    let message = format!("the contents cannot be read: {fault}");
    let mut error = Error::new(ErrorKind::OperationFailed, message);
    error.facts_mut().source = Some(Box::new(fault));
    error
}

/// The text of the first element of this name in an XML document.
fn element(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once(&format!("</{name}>"))?;
    let is_code = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| value.to_owned())
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
