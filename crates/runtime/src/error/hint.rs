//! What to do about failures whose cure is known. General advice lives here;
//! a platform's own comes from its client crate as a [`HintFn`].

use reqwest::StatusCode;

use super::{Error, ErrorKind};

/// What a platform's advice can go by.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ErrorFacts<'a> {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// Status of the answer, if one came.
    pub status: Option<u16>,
    /// The service's code.
    pub code: Option<&'a str>,
    /// The service's message.
    pub message: Option<&'a str>,
    /// The operation that failed.
    pub operation: Option<&'a str>,
}

/// A platform's advice: looks at a failure and names the cure if it knows one.
pub type HintFn = fn(&ErrorFacts<'_>) -> Option<&'static str>;

pub(super) const TLS: &str = "the server's certificate is not trusted or it does not speak TLS: check the endpoint, or add the authority that signed the certificate (PEM)";
pub(super) const HOST_NAME: &str =
    "a host name cannot be resolved: check the endpoint, and the proxy settings";
pub(super) const UNREACHABLE: &str =
    "nothing answers there: check the endpoint's host and port, and the proxy settings";
pub(super) const PROXY: &str = "the proxy makes no way to the service: check its settings (HTTPS_PROXY, or the client's own), its user name and password, and whether it lets the host through";
pub(super) const TOO_MANY_FILES: &str = "this process has as many connections and files open as it may: make fewer calls at a time, or raise the limit (ulimit -n)";
pub(super) const OTHER_VERSION: &str = "the call may have been carried out, by another version's rules: check that nothing on the way to the service changes the Accept header";
const LOST_ANSWER: &str = "an earlier attempt of this call was sent and its answer lost: it may have been carried out; read the present state before trying again";
const UNKNOWN_OUTCOME: &str = "the request was sent and may have been carried out, so it was not repeated: read the present state before trying again";
pub(super) const PAGE: &str =
    "something else than the service answered: check the endpoint and the proxy settings";

pub(super) fn of_answer(status: StatusCode, is_html: bool) -> Option<&'static str> {
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        Some(
            "redirects are not followed, since the credential is for this endpoint only: check that the endpoint is the service's own address",
        )
    } else if is_html {
        Some(PAGE)
    } else {
        None
    }
}

pub(super) fn of_kind(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TooLarge => Some("ask for less at once, such as smaller pages"),
        _ => None,
    }
}

/// For the failure of a repeat whose earlier attempt may have been carried
/// out: it can be the echo of that one, because the condition no longer holds,
/// or the thing is there now, or gone. Says whether it can.
pub(crate) fn explain_lost_answer(error: &mut Error) -> bool {
    let echo = matches!(
        error.kind(),
        ErrorKind::PreconditionFailed | ErrorKind::Conflict | ErrorKind::NotFound
    );
    if echo {
        error.facts_mut().hint = Some(LOST_ANSWER.into());
    }
    echo
}

/// For a call that must not be sent twice and got no answer of which it is known
/// what it means.
pub(crate) fn explain_unknown_outcome(error: &mut Error) {
    error.facts_mut().hint.get_or_insert(UNKNOWN_OUTCOME.into());
}
