//! What a call should come to under each fault, as the documentation tells it:
//! the page of the runtime's retries, that of `RetryPolicy` and those of errors.
//!
//! It must not use the runtime's tables: how an operation behaves is read from
//! the specification, and the figures are the documented ones.

use std::ops::RangeInclusive;
use std::time::Duration;

use progenitor_client::ErrorKind;

use super::fault::{ASKED, ASKED_TOO_MUCH, CODE, Fault, REQUEST_ID};
use crate::spec::Operation;

/// The first attempt and three repeats.
const ATTEMPTS: u32 = 4;
/// The bounds of the waits between them, in seconds.
const WAITS: [f64; 3] = [0.5, 1.0, 2.0];
/// How long a call, an attempt and the body of a refusal are waited for.
const CALL: u64 = 60;
const ATTEMPT: u64 = 30;
const REFUSAL_BODY: u64 = 5;
/// What an operation that takes long is given beside its own time.
const MARGIN: u64 = 10;
/// The longest pauses between three requests for a token.
const TOKEN_PAUSES: f64 = 0.8 + 1.6;

/// What the specification says of an operation, as far as faults are concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nature {
    /// Whether sending it twice does no harm.
    pub(super) safe: bool,
    /// Whether it changes nothing.
    reads: bool,
    retries_500: bool,
    answer_seconds: Option<u64>,
    /// The status of its success.
    success: u16,
    answers: Answers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Nothing,
    Json,
    Picture,
}

impl Nature {
    /// `conditional`: the call names the state that it is for.
    pub(super) fn of(operation: &Operation, conditional: bool) -> Self {
        let by_method = matches!(operation.method.as_str(), "GET" | "HEAD" | "PUT" | "DELETE");
        let success = operation.successes().next();
        let media_type = success.and_then(|response| response.content.as_ref()).map(|it| &it.0);
        Self {
            safe: operation.idempotent.unwrap_or(by_method)
                || (conditional && operation.method == "PATCH"),
            reads: matches!(operation.method.as_str(), "GET" | "HEAD"),
            retries_500: operation.retries_500,
            answer_seconds: operation.answer_seconds,
            success: success.and_then(crate::spec::Response::code).unwrap_or(200),
            answers: match media_type {
                None => Answers::Nothing,
                Some(media_type) if media_type.starts_with("image/") => Answers::Picture,
                Some(_) => Answers::Json,
            },
        }
    }
}

/// What a call should come to.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    /// The error; `None` if the operation's answer should reach the caller.
    pub(super) failure: Option<Failure>,
    /// How often the client tries.
    pub(super) attempts: u32,
    /// How many requests a server reads.
    pub(super) requests: u32,
    /// How many connections end before a request is read.
    pub(super) turned_away: u32,
    /// How many requests reach the token endpoint.
    pub(super) token_requests: u32,
    /// Seconds that it takes.
    pub(super) seconds: RangeInclusive<f64>,
    /// Whether each attempt has a token of its own.
    pub(super) new_tokens: bool,
}

/// What an error should say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    pub(super) status: Option<u16>,
    pub(super) code: Option<&'static str>,
    pub(super) request_id: Option<&'static str>,
    pub(super) retry_after: Option<Duration>,
    pub(super) retryable: bool,
    /// The hint holds one of these, if there are any.
    pub(super) hint: &'static [&'static str],
}

/// How often a failed attempt is followed by another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Always,
    IfSafe,
    Never,
}

/// Of a call that was sent, may have been carried out and was not repeated.
const CARRIED_OUT: &[&str] = &["carried out"];
/// The platform may know more of it, such as that a device did not answer.
const CARRIED_OUT_OR_LATE: &[&str] = &["carried out", "did not answer in time"];

/// What a call of such an operation should come to under a fault.
pub(super) fn under(fault: Fault, nature: Nature) -> Expected {
    use Fault::*;
    use Repeat::*;
    let failure = |kind, retryable| Failure {
        kind,
        status: None,
        code: None,
        request_id: None,
        retry_after: None,
        retryable,
        hint: &[],
    };
    let lost =
        Failure { hint: unless_safe(nature, CARRIED_OUT), ..failure(ErrorKind::Transport, true) };
    let page = |kind, status, retryable| Failure {
        status: Some(status),
        hint: &["proxy"],
        ..failure(kind, retryable)
    };
    match fault {
        Refused => Expected {
            requests: 0,
            ..repeated(
                Failure { hint: &["endpoint"], ..failure(ErrorKind::Connect, true) },
                Always,
                nature,
            )
        },
        NoTls | UntrustedCertificate => Expected {
            requests: 0,
            turned_away: u32::from(fault == NoTls),
            ..repeated(
                Failure { hint: &["certificate"], ..failure(ErrorKind::Connect, false) },
                Never,
                nature,
            )
        },
        ResetBefore => {
            let expected = repeated(lost, IfSafe, nature);
            Expected { requests: 0, turned_away: expected.attempts, ..expected }
        }
        ResetAfter => repeated(lost, IfSafe, nature),
        ResetWhenKept => {
            // The first wait is asked for; those after it are the client's own.
            let attempts = if nature.safe { ATTEMPTS } else { 2 };
            let most = 1.0 + if nature.safe { WAITS.iter().skip(1).sum::<f64>() } else { 0.0 };
            Expected {
                attempts,
                requests: attempts,
                seconds: 1.0..=most,
                ..repeated(lost, Never, nature)
            }
        }
        LostThenGone if nature.safe => {
            // The second one may be the echo of the first.
            let hint: &[&str] = if nature.reads { &[] } else { &["an earlier attempt"] };
            let gone = Failure { hint, ..refused(404, None, nature) };
            let expected = repeated(gone, Never, nature);
            Expected { attempts: 2, requests: 2, seconds: 0.0..=WAITS[0], ..expected }
        }
        LostThenGone => repeated(lost, Never, nature),
        Status(status) => {
            repeated(refused(status, None, nature), of_status(status, nature), nature)
        }
        StatusThenWait(status) => {
            let repeat = if status == 503 { Always } else { of_status(status, nature) };
            let expected = repeated(refused(status, Some(ASKED), nature), repeat, nature);
            let waits = f64::from(expected.attempts - 1) * seconds(ASKED);
            Expected { seconds: waits..=waits, ..expected }
        }
        LongWait => repeated(refused(429, Some(ASKED_TOO_MUCH), nature), Never, nature),
        PageForAnswer => repeated(page(ErrorKind::Decode, 200, false), Never, nature),
        RefusalForAnswer => repeated(
            Failure {
                status: Some(200),
                code: Some(CODE),
                request_id: Some(REQUEST_ID),
                ..failure(ErrorKind::Decode, false)
            },
            Never,
            nature,
        ),
        PageForRefusal => repeated(page(ErrorKind::Service, 502, true), IfSafe, nature),
        EmptyAnswer if nature.answers == Answers::Nothing => answered(1, 0.0..=0.0),
        EmptyAnswer => {
            let success = Some(nature.success);
            repeated(
                Failure { status: success, ..failure(ErrorKind::Decode, false) },
                Never,
                nature,
            )
        }
        EmptyRefusal => {
            let denied = failure(ErrorKind::Denied, false);
            let hint: &[&str] = &["role", "permission"];
            repeated(Failure { status: Some(403), hint, ..denied }, Never, nature)
        }
        CutAnswer => repeated(Failure { status: Some(200), ..lost }, IfSafe, nature),
        CutRefusal => repeated(
            Failure {
                status: Some(500),
                hint: unless_safe(nature, CARRIED_OUT),
                ..failure(ErrorKind::Service, true)
            },
            of_status(500, nature),
            nature,
        ),
        // Of a picture, the media type is all that says what it is.
        WrongType if nature.answers == Answers::Picture => {
            let success = Some(nature.success);
            repeated(
                Failure { status: success, ..failure(ErrorKind::Decode, false) },
                Never,
                nature,
            )
        }
        WrongType => answered(1, 0.0..=0.0),
        SlowAnswer | Silence => late(
            Failure { hint: unless_safe(nature, CARRIED_OUT), ..failure(ErrorKind::Timeout, true) },
            nature,
        ),
        SlowRefusal => {
            let refused = Failure {
                status: Some(503),
                hint: unless_safe(nature, CARRIED_OUT),
                ..failure(ErrorKind::Service, true)
            };
            let expected = repeated(refused, IfSafe, nature);
            let bodies = f64::from(expected.attempts) * seconds(REFUSAL_BODY);
            Expected { seconds: bodies..=bodies + expected.seconds.end(), ..expected }
        }
        StaleToken => Expected { new_tokens: true, ..answered(2, 0.0..=0.0) },
        NoTokenIsGood => {
            let hint: &[&str] = &["token"];
            let denied = Failure { hint, ..refused(401, None, nature) };
            let expected = repeated(denied, Never, nature);
            Expected { attempts: 2, requests: 2, new_tokens: true, ..expected }
        }
        NoTokenEndpoint | TokenEndpointDown => Expected {
            requests: 0,
            token_requests: if fault == TokenEndpointDown { 3 } else { 0 },
            seconds: 0.0..=TOKEN_PAUSES,
            ..repeated(failure(ErrorKind::Auth, true), Never, nature)
        },
        Passing => answered(3, seconds(ASKED)..=seconds(ASKED) + WAITS[0]),
    }
}

fn answered(attempts: u32, seconds: RangeInclusive<f64>) -> Expected {
    Expected {
        failure: None,
        attempts,
        requests: attempts,
        turned_away: 0,
        token_requests: 0,
        seconds,
        new_tokens: false,
    }
}

/// The client's own waits lie between its attempts.
fn repeated(failure: Failure, repeat: Repeat, nature: Nature) -> Expected {
    let again = match repeat {
        Repeat::Always => true,
        Repeat::IfSafe => nature.safe,
        Repeat::Never => false,
    };
    let (attempts, most) = if again { (ATTEMPTS, WAITS.iter().sum()) } else { (1, 0.0) };
    Expected { failure: Some(failure), ..answered(attempts, 0.0..=most) }
}

/// Nothing comes: one attempt's time, or the call's if there is another attempt.
fn late(failure: Failure, nature: Nature) -> Expected {
    let needed = nature.answer_seconds.map_or(0, |answer| answer + MARGIN);
    let (call, attempt) = (CALL.max(needed), ATTEMPT.max(needed));
    let attempts = if nature.safe && attempt < call { 2 } else { 1 };
    let took = seconds(if attempts == 1 { attempt } else { call });
    Expected { failure: Some(failure), ..answered(attempts, took..=took) }
}

fn of_status(status: u16, nature: Nature) -> Repeat {
    match status {
        429 => Repeat::Always,
        408 | 502..=504 => Repeat::IfSafe,
        500 if nature.retries_500 => Repeat::Always,
        _ => Repeat::Never,
    }
}

/// A refusal with its document.
fn refused(status: u16, asked: Option<u64>, nature: Nature) -> Failure {
    let told_to_wait = status == 503 && asked.is_some();
    let taken_up = !(told_to_wait || matches!(status, 401 | 404 | 429));
    Failure {
        kind: match status {
            401 => ErrorKind::Denied,
            404 => ErrorKind::NotFound,
            408 => ErrorKind::Rejected,
            429 => ErrorKind::Throttled,
            _ => ErrorKind::Service,
        },
        status: Some(status),
        code: Some(CODE),
        request_id: Some(REQUEST_ID),
        retry_after: asked.map(Duration::from_secs),
        retryable: !matches!(status, 401 | 404),
        hint: if taken_up { unless_safe(nature, CARRIED_OUT_OR_LATE) } else { &[] },
    }
}

fn unless_safe(nature: Nature, hint: &'static [&'static str]) -> &'static [&'static str] {
    if nature.safe { &[] } else { hint }
}

fn seconds(whole: u64) -> f64 {
    Duration::from_secs(whole).as_secs_f64()
}
