//! What the caller is told when a call fails: what they can do about it, and nothing of
//! the inside. The whole story goes to stderr.

use std::error::Error as _;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use twinkit::auth::AuthError;
use twinkit::digital_twins::{Error, ErrorKind};
use twinkit_examples::ending;

/// Why a call is refused.
pub(crate) enum Refusal {
    /// The caller sent no token.
    NoToken,
    /// What was asked for cannot be an id.
    BadId(String),
    /// The call on behalf of the caller failed.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        let (status, message) = match self {
            Self::NoToken => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                (StatusCode::UNAUTHORIZED, "send a token for this API".to_owned())
            }
            Self::BadId(why) => (StatusCode::BAD_REQUEST, why),
            Self::Failed(error) => {
                let told = tell(&error, &mut headers);
                eprintln!("{}: {}", told.0.as_u16(), ending::story(&error.into()));
                told
            }
        };
        (status, headers, Json(json!({"error": message}))).into_response()
    }
}

fn tell(error: &Error, headers: &mut HeaderMap) -> (StatusCode, String) {
    if let Some(failed) = error.source().and_then(|source| source.downcast_ref::<AuthError>()) {
        return tell_exchange(failed, headers);
    }
    let (status, message) = match error.kind() {
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "there is no such room"),
        ErrorKind::Denied => (StatusCode::FORBIDDEN, "you have no role that permits this"),
        ErrorKind::Throttled => (StatusCode::SERVICE_UNAVAILABLE, "too many calls; try later"),
        _ => (StatusCode::BAD_GATEWAY, "the service behind this API failed; try later"),
    };
    if let Some(wait) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    (status, message.to_owned())
}

/// The exchange of the caller's token failed. `invalid_grant` is about the caller's
/// token; everything else is about this API's own sign-in, which is not their matter.
fn tell_exchange(failed: &AuthError, headers: &mut HeaderMap) -> (StatusCode, String) {
    // The service wants the person to sign in again, in a certain way: their program
    // reads how from this header.
    let challenge = failed.challenge().and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(challenge) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
        return (StatusCode::UNAUTHORIZED, "sign in again, as the challenge says".to_owned());
    }
    if failed.suberror() == Some("consent_required") {
        let message = "neither you nor an administrator allowed this API to call for you";
        return (StatusCode::FORBIDDEN, message.to_owned());
    }
    if failed.error() == Some("invalid_grant") {
        let invalid = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        headers.insert(WWW_AUTHENTICATE, invalid);
        let message = "your token will not do: it has ended, or is not made out to this API";
        return (StatusCode::UNAUTHORIZED, message.to_owned());
    }
    (StatusCode::BAD_GATEWAY, "this API cannot sign in; try later".to_owned())
}
