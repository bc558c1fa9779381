//! Judging one request to the loopback listener: whether it is the answer that
//! is waited for. Everything else on the machine can knock too, and so can
//! every page that the browser shows.

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use secrecy::SecretString;

use super::super::callback::{self, NoAnswer, ResponseMode};
use crate::AuthError;

/// Codes have some two kilobytes.
const MAX_BODY: usize = 64 * 1024;

/// The answer that is waited for.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) source: &'static str,
    pub(crate) state: SecretString,
    pub(crate) mode: ResponseMode,
    /// The identity service, compared with `iss` if that comes and this is
    /// known.
    pub(crate) issuer: Option<String>,
}

/// What the browser brought: a code, or the error in its place.
pub(super) type Outcome = Result<SecretString, AuthError>;

/// The answer in a request, or the status that turns it away.
pub(super) async fn judge(
    request: Request<Incoming>,
    expected: &Expected,
    path: &str,
    port: u16,
) -> Result<Outcome, StatusCode> {
    if !is_host(&request, port) {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    }
    if request.uri().path() != path {
        return Err(StatusCode::NOT_FOUND);
    }
    let fields = match (expected.mode, request.method()) {
        (ResponseMode::Query, &Method::GET) => request.uri().query().unwrap_or_default().to_owned(),
        (ResponseMode::FormPost, &Method::POST) if is_form(&request) => {
            let body = Limited::new(request.into_body(), MAX_BODY).collect().await;
            let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_bytes();
            String::from_utf8_lossy(&body).into_owned()
        }
        (ResponseMode::FormPost, &Method::POST) => return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        // Also a code in an address when it was asked for in a body: it would
        // stand in the browser's history.
        _ => return Err(StatusCode::METHOD_NOT_ALLOWED),
    };
    let issuer = expected.issuer.as_deref();
    callback::read(expected.source, &fields, &expected.state, issuer).map_err(|fault| match fault {
        NoAnswer::State => StatusCode::FORBIDDEN,
        NoAnswer::Malformed => StatusCode::BAD_REQUEST,
    })
}

/// Whether the browser meant this machine: a foreign name that resolves to it
/// is an attack (DNS rebinding).
fn is_host(request: &Request<Incoming>, port: u16) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let ours = |name: &str| host.eq_ignore_ascii_case(&format!("{name}:{port}"));
    // Browsers leave out the scheme's own port.
    let bare = |name: &str| port == 80 && host.eq_ignore_ascii_case(name);
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| ours(name) || bare(name))
}

fn is_form(request: &Request<Incoming>) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
