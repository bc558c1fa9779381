//! One attempt: authorize, send within the time limit, and judge what came.
//! It must not know whether another one follows.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Request, Response, StatusCode};
use tokio::time::{Instant, timeout, timeout_at};
use twinkit_auth::Authorized;
use twinkit_http::{ReadError, drain_bounded, read_bounded, retry_after};

use super::{Call, redirect, served};
use crate::error::{is_page, kept, lone_error, scrubbed, seconds};
use crate::response::MAX_ANSWER_BYTES;
use crate::retry::Fault;
use crate::{Context, Error, ErrorKind};

/// The most that is read of an error's body. Details of a refused upload of
/// hundreds of models fit; a page of any length does no harm.
const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// How long an error's body is waited for. Its status is told in any case.
pub(crate) const ERROR_BODY_TIME: Duration = Duration::from_secs(5);

/// A person may need longer than a call waits; what they do is not lost.
const STILL_SIGNING_IN: &str = "the sign-in goes on and later calls find its token; where a \
     person signs in, ask the credential for a token before the first call";

/// Nothing was sent: the client itself holds its requests back.
const TOO_MANY_WAIT: &str = "nothing was sent: more calls are made than the client's pacing lets \
     out; make fewer at a time, or allow the call more time";

/// Why an attempt failed, and with which credential it was sent.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) fault: Fault,
    pub(super) authorized: Option<Authorized>,
}

impl Failure {
    fn new(fault: Fault, error: Error) -> Self {
        Self { error, fault, authorized: None }
    }
}

/// A successful answer, read whole: the response has no body left.
pub(super) struct Whole {
    pub(super) response: Response,
    pub(super) body: Bytes,
    /// What was sent as `Authorization`, to be cut out of what is said of the answer.
    pub(super) credential: Option<HeaderValue>,
}

/// Makes one attempt.
pub(super) async fn make(
    context: &Context,
    call: &Call,
    mut request: Box<Request>,
    limit: Duration,
    deadline: Option<Instant>,
) -> Result<Whole, Failure> {
    let mut authorized = authorize(context, &mut request, deadline).await?;
    if context.pacing().is_some() {
        await_turn(context, call, deadline).await?;
        if let Some(newer) = authorize_at_once(context, &mut request).await {
            authorized = newer;
        }
    }
    let left = deadline.map(|end| end.saturating_duration_since(context.clock().instant()));
    if left.is_some_and(|left| left.is_zero()) {
        let message = "the time limit of the call was over before this was sent";
        return Err(Failure::new(Fault::Final, Error::new(ErrorKind::Timeout, message)));
    }
    let limit = left.map_or(limit, |left| left.min(limit));
    let credential = request.headers().get(AUTHORIZATION).cloned();
    match timeout(limit, exchange(context, call, request, credential.as_ref())).await {
        Ok(Ok((response, body))) => Ok(Whole { response, body, credential }),
        Ok(Err(mut failure)) => {
            failure.error.scrub(credential.as_ref());
            Err(Failure { authorized: Some(authorized), ..failure })
        }
        Err(_) => Err(Failure::new(Fault::TimeLimit, timed_out(limit))),
    }
}

async fn authorize(
    context: &Context,
    request: &mut Request,
    deadline: Option<Instant>,
) -> Result<Authorized, Failure> {
    let mut authorizing = context.authorizer().authorize(request);
    // Mostly there is a token, and no clock is needed.
    let authorized = match (at_once(&mut authorizing).await, deadline) {
        (Poll::Ready(authorized), _) => authorized,
        (Poll::Pending, None) => authorizing.await,
        (Poll::Pending, Some(end)) => timeout_at(end, authorizing).await.map_err(|_| {
            let message = "no credential within the time limit of the call";
            let error = Error::new(ErrorKind::Timeout, message).or_hint(STILL_SIGNING_IN);
            Failure::new(Fault::NoCredential, error)
        })?,
    };
    authorized.map_err(|error| Failure::new(Fault::NoCredential, Error::from_auth(error)))
}

/// The credential as it is now: one that was taken before a long line may have
/// ended in it. None that has to be waited for: the turn is there.
async fn authorize_at_once(context: &Context, request: &mut Request) -> Option<Authorized> {
    match at_once(&mut context.authorizer().authorize(request)).await {
        Poll::Ready(authorized) => authorized.ok(),
        Poll::Pending => None,
    }
}

/// What a future comes to if it need not be waited for.
async fn at_once<T>(future: &mut BoxFuture<'_, T>) -> Poll<T> {
    poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await
}

/// Waits until the client's pacing lets the request out. After the credential:
/// requests that waited for it would otherwise all leave at once.
async fn await_turn(
    context: &Context,
    call: &Call,
    deadline: Option<Instant>,
) -> Result<(), Failure> {
    let Some(pacing) = context.pacing() else { return Ok(()) };
    let turn = Box::pin(pacing.turn(&call.operation, &**context.clock()));
    let Some(end) = deadline else {
        turn.await;
        return Ok(());
    };
    timeout_at(end, turn).await.map_err(|_| {
        let message = "its turn did not come within the time limit of the call";
        let error = Error::new(ErrorKind::Timeout, message).or_hint(TOO_MANY_WAIT);
        Failure::new(Fault::Final, error)
    })
}

/// Sends the request and reads the answer.
async fn exchange(
    context: &Context,
    call: &Call,
    request: Box<Request>,
    credential: Option<&HeaderValue>,
) -> Result<(Response, Bytes), Failure> {
    let follows = call.row.is_some_and(|row| row.redirects);
    let again = if follows { request.try_clone().map(Box::new) } else { None };
    let mut response = context.client().execute(*request).await.map_err(unanswered)?;
    if let Some(again) = again.filter(|_| redirect::is_one(response.status())) {
        response = Box::pin(follow(context, again, response)).await?;
    }
    let status = response.status();
    let declared = call.row.is_some_and(|row| row.success.contains(&status.as_u16()));
    if !status.is_success() && !declared {
        // Boxed: an attempt that succeeds should not carry it.
        return Err(Box::pin(refusal(context, response, credential)).await);
    }
    // Who makes a request of their own asks for what they get, such as a range.
    if call.row.is_some() && !declared && is_partial(status) {
        return Err(Failure::new(Fault::Final, Error::undeclared(status, response)));
    }
    if let Some(other) = served::another(call.row, response.headers()) {
        let error = Error::other_version(status, std::mem::take(response.headers_mut()), other);
        return Err(Failure::new(Fault::Final, error));
    }
    let body = drain_bounded(&mut response, MAX_ANSWER_BYTES).await;
    whole(response, body)
}

/// Successes that are not the answer to what was asked: a part of it (206), or several
/// in one (207, 208), with or without a change (226). Others that are not declared are
/// taken for 200, as clients are to do (RFC 9110 section 15).
fn is_partial(status: StatusCode) -> bool {
    matches!(status.as_u16(), 206..=208 | 226)
}

fn unanswered(error: reqwest::Error) -> Failure {
    let error = Error::from_transport(error);
    Failure::new(fault_of_transport(&error), error)
}

/// Goes where the answer lies, as far as that is this client's origin: what is
/// sent there again holds the credential.
async fn follow(
    context: &Context,
    mut request: Box<Request>,
    mut response: Response,
) -> Result<Response, Failure> {
    for _ in 0..redirect::MAX_HOPS {
        if !redirect::is_one(response.status()) {
            return Ok(response);
        }
        *request.url_mut() = redirect::target(context.origin(), request.url(), &response)
            .map_err(|error| Failure::new(Fault::Final, error))?;
        let Some(next) = request.try_clone() else { return Ok(response) };
        response = context.client().execute(next).await.map_err(unanswered)?;
    }
    if redirect::is_one(response.status()) {
        return Err(Failure::new(Fault::Final, redirect::endless(&response)));
    }
    Ok(response)
}

pub(crate) fn fault_of_transport(error: &Error) -> Fault {
    match error.kind() {
        ErrorKind::Connect if error.is_retryable() => Fault::NeverSent,
        ErrorKind::Connect => Fault::TlsRefused,
        ErrorKind::Timeout => Fault::TimeLimit,
        ErrorKind::InvalidRequest => Fault::Final,
        _ => Fault::Broken,
    }
}

/// An answer that was read whole, so that one that breaks off is repeated like any
/// other broken connection.
pub(crate) fn whole(
    mut response: Response,
    body: Result<Bytes, ReadError>,
) -> Result<(Response, Bytes), Failure> {
    match body {
        // Told apart here, since an operation without an answer reads none. A redirect that
        // is the answer may have a page beside it (RFC 9110 section 15.4).
        Ok(body) if response.status().is_success() && is_page(response.headers(), &body) => {
            let headers = std::mem::take(response.headers_mut());
            Err(Failure::new(Fault::Final, Error::web_page(response.status(), headers, &body)))
        }
        Ok(body) => match lone_error(&body).filter(|_| response.status().is_success()) {
            None => Ok((response, body)),
            Some((code, said)) => Err(Failure::new(Fault::Final, {
                let mut error = Error::error_as_success(code, &said);
                let facts = error.facts_mut();
                facts.status = Some(response.status());
                facts.headers = std::mem::take(response.headers_mut());
                facts.body = kept(&body);
                error
            })),
        },
        Err(error) => {
            let fault = match &error {
                ReadError::Broken(_) => Fault::Broken,
                _ => Fault::Final,
            };
            let headers = std::mem::take(response.headers_mut());
            Err(Failure::new(fault, Error::from_read(response.status(), headers, error)))
        }
    }
}

/// An answer with an error status, as an error. Of a body that cannot be read
/// whole, the status stays.
async fn refusal(
    context: &Context,
    mut response: Response,
    credential: Option<&HeaderValue>,
) -> Failure {
    let status: StatusCode = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = timeout(ERROR_BODY_TIME, read_bounded(response, MAX_ERROR_BYTES)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    let wait = retry_after(&headers, context.clock().now());
    let fault = Fault::of_status(status, wait.is_some());
    let mut error = Error::from_answer(status, headers, scrubbed(body, credential));
    error.facts_mut().retry_after = wait;
    Failure::new(fault, error)
}

pub(crate) fn timed_out(limit: Duration) -> Error {
    let message = format!("no answer within {} s", seconds(limit));
    let mut error = Error::new(ErrorKind::Timeout, message);
    error.facts_mut().retryable = true;
    error
}
