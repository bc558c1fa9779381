//! The one error of every call: what was tried, what came of it, and what to
//! do about it. Opaque, one pointer wide, and safe to log: its `Display` and
//! `Debug` hold no body, no query string and no credential.
//!
//! It must not know any platform; a platform's advice comes in through
//! [`HintFn`].

mod build;
mod detail;
mod envelope;
mod hint;
mod kind;
mod scrub;
mod show;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

pub use detail::ErrorDetail;
pub(crate) use envelope::{error_within, is_html, is_page, lone_error, without_mark};
pub use hint::{ErrorFacts, HintFn};
pub(crate) use hint::{explain_lost_answer, explain_unknown_outcome};
pub use kind::ErrorKind;
pub(crate) use scrub::scrubbed;
pub(crate) use show::seconds;

/// At most this much of an error's body is kept for [`Error::body`]: enough for
/// any error document, little enough to keep many errors.
pub(crate) const KEPT_BODY: usize = 64 * 1024;

/// What is kept of a body: a copy where that is less, since a slice would hold on to the
/// whole.
pub(crate) fn kept(body: &Bytes) -> Bytes {
    match body.split_at_checked(KEPT_BODY) {
        Some((begin, [_, ..])) => Bytes::copy_from_slice(begin),
        _ => body.clone(),
    }
}

/// Headers that carry the id of a request at the service, most telling first.
const REQUEST_ID_HEADERS: [&str; 6] = [
    "x-ms-request-id",
    "x-request-id",
    "request-id",
    "mise-correlation-id",
    "x-correlation-id",
    "traceresponse",
];

/// Why a call failed.
///
/// ```
/// # use twinkit_runtime::{Error, ErrorKind};
/// # fn show(error: Error) {
/// if error.is_not_found() {
///     println!("nothing there");
/// } else if let Some(hint) = error.hint() {
///     println!("{error}; {hint}");
/// }
/// # }
/// # let error: Error = Error::InvalidRequest("id is empty".into());
/// # assert_eq!(error.kind(), ErrorKind::InvalidRequest);
/// # show(error);
/// ```
///
/// The parameter `E` stands for a typed error document. Generated code names
/// it; every failure is read by one reader instead, so it is always `()`.
pub struct Error<E = ()> {
    facts: Box<Facts>,
    document: PhantomData<fn() -> E>,
}

#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) operation: Option<Cow<'static, str>>,
    pub(crate) attempts: u32,
    pub(crate) request_id: Option<String>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) inner: Option<Box<ErrorDetail>>,
    pub(crate) others: Map<String, Value>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) retryable: bool,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
    pub(crate) hint: Option<Cow<'static, str>>,
}

impl<E> Error<E> {
    pub(crate) fn from_facts(facts: Facts) -> Self {
        Self { facts: Box::new(facts), document: PhantomData }
    }

    pub(crate) fn facts_mut(&mut self) -> &mut Facts {
        &mut self.facts
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.facts.kind.unwrap_or(ErrorKind::Service)
    }

    /// Status of the answer, if one came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.facts.status
    }

    /// The service's code for it, such as `DigitalTwinNotFound`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.facts.code.as_deref()
    }

    /// What went wrong: the service's words where it had any, else ours. The
    /// text of a service is not to be trusted and may hold line breaks.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.facts.message.as_deref()
    }

    /// What of the request it concerns, if the service says so: a property, a
    /// parameter, an element.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.facts.target.as_deref()
    }

    /// A member of the service's error document that has no accessor of its own,
    /// such as the ids that a conflict is about. It is kept whole, also where
    /// [`body`](Self::body) is cut.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.facts.others.get(name)
    }

    /// The single faults that the service listed.
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        &self.facts.details
    }

    /// The more exact error that the service gave below the main one.
    #[must_use]
    pub fn inner(&self) -> Option<&ErrorDetail> {
        self.facts.inner.as_deref()
    }

    /// Id of the request at the service, for its support: from the headers,
    /// else from the error's body.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.facts.headers).or(self.facts.request_id.as_deref())
    }

    /// The operation that failed, such as `get_twin`.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.facts.operation.as_deref()
    }

    /// How often the request was tried; 0 if it failed before the first try.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }

    /// How long the service asks to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.facts.retry_after
    }

    /// Whether the same call may succeed later, unchanged. It says nothing of
    /// whether it is harmless to send it twice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.facts.retryable
    }

    /// Body of the answer, at most 64 KiB of it; empty if there was none. What was sent
    /// as a credential is cut out of it, and nothing else.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.facts.body
    }

    /// Headers of the answer; empty if there was none.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.facts.headers
    }

    /// What to do about it, where the cure is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.facts.hint.as_deref()
    }

    /// What the call addresses does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// The call does not fit the present state.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// The condition sent with the call does not hold.
    #[must_use]
    pub fn is_precondition_failed(&self) -> bool {
        self.kind() == ErrorKind::PreconditionFailed
    }

    /// Too many requests.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// A time limit passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// No credential could be had, or the service does not accept it or does
    /// not allow the call to it.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.kind(), ErrorKind::Auth | ErrorKind::Denied)
    }
}

/// The id of a request in the headers of its answer.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let told = |name: &&str| headers.get(*name)?.to_str().ok().filter(|id| !id.is_empty());
    REQUEST_ID_HEADERS.iter().find_map(told)
}

/// What `Display` shows, by name, and the details, cut where a service says whole
/// documents; of the body only its size, of further members only their names.
impl<E> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.facts;
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &facts.operation)
            .field("status", &facts.status.map(|status| status.as_u16()))
            .field("code", &facts.code)
            .field("message", &Short(&facts.message))
            .field("target", &Short(&facts.target))
            .field("details", &Short(&facts.details))
            .field("inner", &Short(&facts.inner))
            .field("members", &facts.others.keys().collect::<Vec<_>>())
            .field("request_id", &self.request_id())
            .field("attempts", &facts.attempts)
            .field("retry_after", &facts.retry_after)
            .field("body_bytes", &facts.body.len())
            .field("source", &facts.source)
            .field("hint", &facts.hint)
            .finish()
    }
}

/// A value's `Debug`, as far as a log has room for it.
struct Short<'a, T>(&'a T);

impl<T: fmt::Debug> fmt::Debug for Short<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ROOM: usize = 2_000;
        struct Cut(String);
        impl fmt::Write for Cut {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let room = ROOM.saturating_sub(self.0.len()).min(text.len());
                let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
                self.0.push_str(text.get(..end).unwrap_or_default());
                // A failure spares the formatting of the rest.
                if end < text.len() { Err(fmt::Error) } else { Ok(()) }
            }
        }
        let mut cut = Cut(String::new());
        let is_whole = write!(cut, "{:?}", self.0).is_ok();
        f.write_str(&cut.0)?;
        f.write_str(if is_whole { "" } else { "…" })
    }
}

impl<E> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.facts.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
