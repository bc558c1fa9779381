//! The kinds of failure that a caller may want to tell apart.

use std::fmt;

use reqwest::StatusCode;

/// What sort of failure an [`Error`](crate::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up with something that cannot be meant.
    Configuration,
    /// The call itself is wrong; nothing was sent.
    InvalidRequest,
    /// No credential could be had; the service was not asked.
    Auth,
    /// The service does not accept the credential (401) or does not allow the
    /// call to it (403).
    Denied,
    /// No connection was made, or the service said that it had not begun with the
    /// request: nothing was done.
    Connect,
    /// The time limit passed, of the attempt or of the call.
    Timeout,
    /// The connection broke before the whole answer was there.
    Transport,
    /// Too many requests, or a quota used up (429).
    Throttled,
    /// What the call addresses does not exist (404, 410).
    NotFound,
    /// The call does not fit the present state (409).
    Conflict,
    /// The condition sent with the call does not hold (412).
    PreconditionFailed,
    /// The service refused the call for another reason (other 4xx).
    Rejected,
    /// The service failed (5xx), or answered with a status that no call has.
    Service,
    /// The answer is not what the specification says.
    Decode,
    /// The answer is larger than this client reads.
    TooLarge,
    /// A list's way to the next page cannot be followed.
    Paging,
    /// A long operation ended badly.
    OperationFailed,
}

impl ErrorKind {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Denied,
            404 | 410 => Self::NotFound,
            409 => Self::Conflict,
            412 => Self::PreconditionFailed,
            429 => Self::Throttled,
            400..=499 => Self::Rejected,
            _ => Self::Service,
        }
    }

    /// Whether the request may have been carried out although no usable answer
    /// came. For answers with a status, ask the status.
    #[must_use]
    pub fn is_ambiguous(self) -> bool {
        matches!(self, Self::Timeout | Self::Transport | Self::Decode | Self::TooLarge)
    }
}

/// The kind in words, as error messages begin with it.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "configuration",
            Self::InvalidRequest => "invalid request",
            Self::Auth => "no credential",
            Self::Denied => "denied",
            Self::Connect => "no connection",
            Self::Timeout => "timed out",
            Self::Transport => "connection lost",
            Self::Throttled => "throttled",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition failed",
            Self::Rejected => "rejected",
            Self::Service => "service failure",
            Self::Decode => "unexpected answer",
            Self::TooLarge => "answer too large",
            Self::Paging => "paging",
            Self::OperationFailed => "operation failed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_kinds() {
        let kind = |status| ErrorKind::of_status(StatusCode::from_u16(status).unwrap());
        assert_eq!(kind(401), ErrorKind::Denied);
        assert_eq!(kind(404), ErrorKind::NotFound);
        assert_eq!(kind(422), ErrorKind::Rejected);
        assert_eq!(kind(302), ErrorKind::Service);
        assert_eq!(kind(503), ErrorKind::Service);
        assert_eq!(kind(999), ErrorKind::Service);
    }
}
