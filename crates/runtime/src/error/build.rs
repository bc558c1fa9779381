//! Making errors out of what happened. Each constructor decides the kind and
//! whether a later try can help; hints and attempts are added by the pipeline.

use std::borrow::Cow;
use std::error::Error as StdError;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, InvalidHeaderValue};
use twinkit_auth::AuthError;
use twinkit_http::{
    ReadError, has_too_many_files, is_not_taken, is_tls_failure, reason_of_leaving,
};

use super::{Error, ErrorKind, Facts, envelope, hint, kept};
use crate::{IdError, InvalidHeaderText};

/// Generated code calls it by the name of progenitor's variant.
#[expect(non_snake_case, reason = "generated code spells it so")]
impl<E> Error<E> {
    /// The call is wrong, for the reason given; nothing was sent.
    #[must_use]
    pub fn InvalidRequest(message: String) -> Self {
        // Generated setters begin with the operation they belong to.
        match message.split_once(": ") {
            Some((operation, reason)) if is_operation_id(operation) => {
                let mut error = Self::new(ErrorKind::InvalidRequest, reason);
                error.facts.operation = Some(operation.to_owned().into());
                error
            }
            _ => Self::new(ErrorKind::InvalidRequest, message),
        }
    }
}

impl<E> Error<E> {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::from_facts(Facts {
            kind: Some(kind),
            message: Some(message.into()),
            ..Facts::default()
        })
    }

    /// A client cannot be made from its settings, for the reason given. For
    /// client crates that check settings of their own.
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// A long operation that ended badly, in the service's own terms. For
    /// client crates that follow jobs.
    #[must_use]
    pub fn operation_failed(code: Option<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::OperationFailed, message);
        error.facts.code = code;
        error
    }

    /// More came than the caller wants to hold. For client crates that collect
    /// what comes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(ErrorKind::TooLarge, format!("the contents are larger than {limit} bytes"))
    }

    /// The same error, with this advice if it has none yet.
    #[must_use]
    pub fn or_hint(mut self, hint: &'static str) -> Self {
        self.facts.hint.get_or_insert(hint.into());
        self
    }

    /// The same error, with this advice in place of any other: for client crates
    /// that know more of the case than the pipeline does.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.facts.hint = Some(hint.into());
        self
    }

    /// The same error, with the operation it is about if it names none yet.
    #[must_use]
    pub fn in_operation(mut self, operation: &'static str) -> Self {
        self.facts.operation.get_or_insert(operation.into());
        self
    }

    /// An answer with an error status.
    pub(crate) fn from_answer(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let read = envelope::read(status, &headers, &body);
        Self::from_facts(Facts {
            kind: Some(ErrorKind::of_status(status)),
            status: Some(status),
            code: read.code,
            message: read.message,
            target: read.target,
            details: read.details,
            inner: read.inner,
            others: read.others,
            request_id: read.request_id,
            headers,
            body: kept(&body),
            retryable: matches!(status.as_u16(), 408 | 429 | 500 | 502..=504),
            hint: hint::of_answer(status, read.is_html).map(Into::into),
            ..Facts::default()
        })
    }

    /// A success that the operation does not declare, and that is not its answer. The
    /// body is not read.
    pub(crate) fn undeclared(status: StatusCode, mut response: reqwest::Response) -> Self {
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Decode),
            status: Some(status),
            message: Some("the operation declares no such status".to_owned()),
            headers: std::mem::take(response.headers_mut()),
            ..Facts::default()
        })
    }

    /// A redirect that is not followed, for the reason given.
    pub(crate) fn redirected(status: StatusCode, headers: HeaderMap, message: String) -> Self {
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Service),
            status: Some(status),
            message: Some(message),
            headers,
            ..Facts::default()
        })
    }

    /// A success of another version of the API than was asked for. It may well
    /// have been carried out.
    pub(crate) fn other_version(status: StatusCode, headers: HeaderMap, message: String) -> Self {
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Decode),
            status: Some(status),
            message: Some(message),
            headers,
            hint: Some(hint::OTHER_VERSION.into()),
            ..Facts::default()
        })
    }

    /// A web page under a status of success: a proxy's or another server's.
    pub(crate) fn web_page(status: StatusCode, headers: HeaderMap, body: &Bytes) -> Self {
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Decode),
            status: Some(status),
            message: Some("the answer is a web page: a proxy or another server answered".into()),
            headers,
            body: kept(body),
            hint: Some(hint::PAGE.into()),
            ..Facts::default()
        })
    }

    /// An error document under a status of success.
    pub(crate) fn error_as_success(code: Option<String>, said: &str) -> Self {
        let message = format!("the status says success, but the body is an error: {said}");
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Decode),
            message: Some(message),
            code,
            ..Facts::default()
        })
    }

    pub(crate) fn from_auth(error: AuthError) -> Self {
        let retryable = matches!(
            error.kind(),
            twinkit_auth::AuthErrorKind::Transient | twinkit_auth::AuthErrorKind::Timeout
        );
        Self::from_facts(Facts {
            kind: Some(ErrorKind::Auth),
            message: Some(error.clone().without_hint().to_string()),
            retryable,
            retry_after: error.retry_after(),
            hint: error.hint().map(|hint| hint.to_owned().into()),
            source: Some(Box::new(error)),
            ..Facts::default()
        })
    }

    /// Says of a refused credential why no other could be had. Status, headers
    /// and body stay those of the refusal.
    pub(crate) fn set_auth_cause(&mut self, cause: AuthError) {
        let facts = self.facts_mut();
        facts.kind = Some(ErrorKind::Auth);
        facts.message = Some(cause.clone().without_hint().to_string());
        facts.hint = cause.hint().map(|hint| hint.to_owned().into());
        facts.source = Some(Box::new(cause));
    }

    /// A body that could not be read. The status of its answer is kept.
    pub(crate) fn from_read(status: StatusCode, headers: HeaderMap, error: ReadError) -> Self {
        let (kind, message) = match &error {
            ReadError::TooLarge { .. } => (ErrorKind::TooLarge, error.to_string()),
            ReadError::Broken(cause) if cause.is_timeout() => {
                (ErrorKind::Timeout, "the answer did not arrive in time".to_owned())
            }
            _ => (ErrorKind::Transport, format!("{error}: {}", root_cause(&error))),
        };
        Self::from_facts(Facts {
            kind: Some(kind),
            status: Some(status),
            message: Some(message),
            headers,
            retryable: kind != ErrorKind::TooLarge,
            hint: hint::of_kind(kind).map(Into::into),
            source: shown(error),
            ..Facts::default()
        })
    }

    /// A request that got no answer. The URL is taken out: its query may hold
    /// what must not be shown.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let cause = root_cause(&error);
        let refused_tls = is_tls_failure(&error);
        let (kind, message) = if error.is_builder() {
            (ErrorKind::InvalidRequest, format!("the request cannot be built: {cause}"))
        } else if refused_tls {
            (ErrorKind::Connect, format!("no trusted connection could be made: {cause}"))
        } else if error.is_connect() {
            (ErrorKind::Connect, format!("no connection could be made: {cause}"))
        } else if is_not_taken(&error) {
            (ErrorKind::Connect, format!("the request was not taken: {cause}"))
        } else if error.is_timeout() {
            (ErrorKind::Timeout, "no answer came in time".to_owned())
        } else {
            (ErrorKind::Transport, format!("the connection broke: {cause}"))
        };
        let is_locked_out = cause.contains(PROXY_REFUSAL);
        let hint = if refused_tls {
            Some(hint::TLS)
        } else if cause.starts_with(TUNNEL) {
            Some(hint::PROXY)
        } else if has_too_many_files(&error) {
            Some(hint::TOO_MANY_FILES)
        } else if error.is_dns() {
            Some(hint::HOST_NAME)
        } else if error.is_connect() {
            Some(hint::UNREACHABLE)
        } else {
            None
        };
        Self::from_facts(Facts {
            kind: Some(kind),
            message: Some(message),
            retryable: !refused_tls && !is_locked_out && kind != ErrorKind::InvalidRequest,
            hint: hint.map(Into::into),
            source: shown(error),
            ..Facts::default()
        })
    }
}

/// How the HTTP library says that a proxy made no way to the service; its type for that
/// cannot be named.
const TUNNEL: &str = "tunnel error: ";
/// The same where the proxy wants to know who asks (407).
const PROXY_REFUSAL: &str = "tunnel error: proxy authorization required";

/// The error as a cause that can be shown: what the other side says as it closes a
/// connection of HTTP/2 stands in it as it came, which may be anything that it was sent.
fn shown<E: StdError + Send + Sync + 'static>(
    error: E,
) -> Option<Box<dyn StdError + Send + Sync + 'static>> {
    let is_plain = reason_of_leaving(&error).is_none();
    is_plain.then(|| Box::new(error) as _)
}

/// The last cause of a chain, in its own words: the rest only frames it.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    if let Some(reason) = reason_of_leaving(error) {
        return reason;
    }
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    twinkit_http::redact::text(&last.to_string(), &[], 200)
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self::from_auth(error)
    }
}

impl<E> From<reqwest::Error> for Error<E> {
    fn from(error: reqwest::Error) -> Self {
        Self::from_transport(error)
    }
}

impl<E> From<InvalidHeaderValue> for Error<E> {
    fn from(_: InvalidHeaderValue) -> Self {
        Self::InvalidRequest("a header's value holds characters that cannot be sent".to_owned())
    }
}

impl<E> From<InvalidHeaderText> for Error<E> {
    fn from(error: InvalidHeaderText) -> Self {
        Self::InvalidRequest(error.to_string())
    }
}

impl<E> From<IdError> for Error<E> {
    fn from(error: IdError) -> Self {
        Self::InvalidRequest(error.to_string())
    }
}

/// Operation ids are lower-case words joined by `_`, so no other message
/// begins like one: `get_twin`, not `the` or `a header`.
fn is_operation_id(text: &str) -> bool {
    text.contains('_')
        && text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '0'..='9'))
}
