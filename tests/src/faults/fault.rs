//! What goes wrong: every fault of the matrix, and how a server (or its absence)
//! brings it about. It must not know what a client should make of it.

use super::script::{Reply, Step};

/// Seconds that an answer asks to wait.
pub(super) const ASKED: u64 = 2;
/// Seconds that no call waits.
pub(super) const ASKED_TOO_MUCH: u64 = 3600;
/// The code of every refusal that has a document.
pub(super) const CODE: &str = "MatrixFault";
/// The id of the request in every answer.
pub(super) const REQUEST_ID: &str = "matrix-request-1";

/// The statuses that come with and without a wish to wait.
const STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// A page as a proxy or a sign-in portal gives it. It repeats what it was sent.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in [[authorization]]</title></head>\
    <body>You sent [[authorization]].</body></html>";

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing listens there.
    Refused,
    /// What listens there does not speak TLS.
    NoTls,
    /// The certificate is of an authority that nobody trusts.
    UntrustedCertificate,
    /// The connection is reset before the request was read.
    ResetBefore,
    /// The connection is reset once the request was read.
    ResetAfter,
    /// A first answer is to wait; then the same connection is reset under the
    /// next request.
    ResetWhenKept,
    /// The connection is reset once the request was read; a repeat is told that
    /// the thing is not there.
    LostThenGone,
    /// An error status with its document.
    Status(u16),
    /// An error status with its document and a `Retry-After`.
    StatusThenWait(u16),
    /// 429 and a `Retry-After` of an hour.
    LongWait,
    /// A web page under the status 200.
    PageForAnswer,
    /// An error document under the status 200.
    RefusalForAnswer,
    /// A web page under the status 502.
    PageForRefusal,
    /// A success without the body that belongs to it.
    EmptyAnswer,
    /// 403 without a body.
    EmptyRefusal,
    /// A success whose body stops before its end.
    CutAnswer,
    /// 500 whose body stops before its end.
    CutRefusal,
    /// The right body under another media type.
    WrongType,
    /// A success whose body comes byte by byte and never ends.
    SlowAnswer,
    /// 503 whose body comes byte by byte and never ends.
    SlowRefusal,
    /// The request is read and never answered.
    Silence,
    /// 401 to the first token; the next one is taken.
    StaleToken,
    /// 401 to every token.
    NoTokenIsGood,
    /// Nothing listens at the token endpoint.
    NoTokenEndpoint,
    /// The token endpoint answers 503 and repeats the secret it was sent.
    TokenEndpointDown,
    /// Refused twice in ways that are always worth a repeat; then answered.
    Passing,
}

/// Where a call goes under a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The scripted server.
    Server,
    /// An address where nothing listens.
    Nowhere,
    /// The scripted server, asked for TLS.
    ServerByTls,
    /// A server with a certificate of its own authority.
    StrangeAuthority,
}

impl Fault {
    /// All faults, in the order of the table.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Refused,
            Self::NoTls,
            Self::UntrustedCertificate,
            Self::ResetBefore,
            Self::ResetAfter,
            Self::ResetWhenKept,
            Self::LostThenGone,
        ];
        all.extend(STATUSES.map(Self::Status));
        all.extend(STATUSES.map(Self::StatusThenWait));
        all.extend([
            Self::LongWait,
            Self::PageForAnswer,
            Self::RefusalForAnswer,
            Self::PageForRefusal,
            Self::EmptyAnswer,
            Self::EmptyRefusal,
            Self::CutAnswer,
            Self::CutRefusal,
            Self::WrongType,
            Self::SlowAnswer,
            Self::SlowRefusal,
            Self::Silence,
            Self::StaleToken,
            Self::NoTokenIsGood,
            Self::NoTokenEndpoint,
            Self::TokenEndpointDown,
            Self::Passing,
        ]);
        all
    }

    /// The fault in a few words.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::Refused => "connection refused",
            Self::NoTls => "no TLS spoken",
            Self::UntrustedCertificate => "certificate not trusted",
            Self::ResetBefore => "reset before the request",
            Self::ResetAfter => "reset after the request",
            Self::ResetWhenKept => "429, then the kept connection reset",
            Self::LostThenGone => "reset after the request, then 404",
            Self::Status(status) => return status.to_string(),
            Self::StatusThenWait(status) => return format!("{status} with Retry-After"),
            Self::LongWait => "429 with Retry-After of an hour",
            Self::PageForAnswer => "200 with a web page",
            Self::RefusalForAnswer => "200 with an error document",
            Self::PageForRefusal => "502 with a web page",
            Self::EmptyAnswer => "success with an empty body",
            Self::EmptyRefusal => "403 with an empty body",
            Self::CutAnswer => "success with a truncated body",
            Self::CutRefusal => "500 with a truncated body",
            Self::WrongType => "success under a wrong media type",
            Self::SlowAnswer => "success that drips",
            Self::SlowRefusal => "503 that drips",
            Self::Silence => "no answer",
            Self::StaleToken => "401, then 200",
            Self::NoTokenIsGood => "401 for ever",
            Self::NoTokenEndpoint => "token endpoint refuses connections",
            Self::TokenEndpointDown => "token endpoint answers 503",
            Self::Passing => "429, 503 with Retry-After, then 200",
        };
        name.to_owned()
    }

    pub(super) fn place(self) -> Place {
        match self {
            Self::Refused => Place::Nowhere,
            Self::NoTls => Place::ServerByTls,
            Self::UntrustedCertificate => Place::StrangeAuthority,
            _ => Place::Server,
        }
    }

    /// What the server does, request by request; the last step repeats. `answer`
    /// is the operation's success.
    pub(super) fn script(self, answer: &Reply) -> Vec<Step> {
        let refusal = |status| Step::Answer(refusal(status));
        let asking = |status| Step::Answer(refusal_asking(status, ASKED));
        match self {
            Self::NoTls => vec![Step::Blurt],
            // Nothing arrives.
            Self::Refused
            | Self::UntrustedCertificate
            | Self::NoTokenEndpoint
            | Self::TokenEndpointDown => Vec::new(),
            Self::ResetBefore => vec![Step::Hangup],
            Self::ResetAfter => vec![Step::Reset],
            Self::ResetWhenKept => vec![Step::Keep(refusal_asking(429, 1)), Step::Reset],
            Self::LostThenGone => vec![Step::Reset, refusal(404)],
            Self::Status(status) => vec![refusal(status)],
            Self::StatusThenWait(status) => vec![asking(status)],
            Self::LongWait => vec![Step::Answer(refusal_asking(429, ASKED_TOO_MUCH))],
            Self::PageForAnswer => vec![Step::Answer(page(200))],
            Self::RefusalForAnswer => vec![refusal(200)],
            Self::PageForRefusal => vec![Step::Answer(page(502))],
            Self::EmptyAnswer => vec![Step::Answer(answer.clone().body(""))],
            Self::EmptyRefusal => vec![Step::Answer(Reply::of(403))],
            Self::CutAnswer => vec![Step::Cut(Reply::of(200).json("{\"value\": [{\"a\": 1}, "))],
            Self::CutRefusal => {
                vec![Step::Cut(Reply::of(500).json("{\"error\": {\"code\": \"MatrixFault\", "))]
            }
            Self::WrongType => vec![Step::Answer(answer.clone().media_type("text/plain"))],
            Self::SlowAnswer => vec![Step::Drip(Reply::of(200).json(""))],
            Self::SlowRefusal => vec![Step::Drip(Reply::of(503).json(""))],
            Self::Silence => vec![Step::Silence],
            Self::StaleToken => vec![refusal(401), Step::Answer(answer.clone())],
            Self::NoTokenIsGood => vec![refusal(401)],
            Self::Passing => vec![refusal(429), asking(503), Step::Answer(answer.clone())],
        }
    }

    /// What the token endpoint does where a real credential asks it.
    pub(super) fn token_script(self) -> Vec<Step> {
        let body = r#"{"error": "temporarily_unavailable", "error_description": "[[body]]"}"#;
        match self {
            Self::TokenEndpointDown => vec![Step::Answer(Reply::of(503).json(body))],
            _ => Vec::new(),
        }
    }
}

/// A refusal as the platforms send it, which repeats what it was sent: in plain letters,
/// and in others that mean the same in JSON.
fn refusal(status: u16) -> Reply {
    let message = "No. You sent Authorization: [[authorization]]";
    let body = format!(
        r#"{{"error": {{"code": "{CODE}", "message": "{message}", "target": "[[escaped]]"}}}}"#
    );
    Reply::of(status).json(&body).header("x-ms-request-id", REQUEST_ID)
}

fn refusal_asking(status: u16, seconds: u64) -> Reply {
    refusal(status).header("retry-after", &seconds.to_string())
}

fn page(status: u16) -> Reply {
    Reply::of(status).body(PAGE).media_type("text/html; charset=utf-8")
}
