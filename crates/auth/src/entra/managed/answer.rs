//! Reading what hosts answer: tokens whose numbers come in many shapes, and
//! errors in the shapes of Entra ID, of App Service and of nested objects.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use twinkit_http::{Origin, retry_after};

use super::super::expiry;
use crate::error::ErrorAnswer;
use crate::oauth::{scrub, without_mark};
use crate::{AccessToken, AuthError, AuthErrorKind};

/// Ten years: a token that claims more is a mistake.
const MAX_LIFE: Duration = Duration::from_secs(10 * 366 * 86_400);

/// Tokens that live this long are replaced at half their life: hosts cache
/// them, so asking earlier gives the same one.
const LONG_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

const MAX_TEXT: usize = 2048;
const MAX_ID: usize = 128;

/// The member of the answer that must name the identity that was asked for.
pub(super) type Echo<'a> = (&'static str, &'a str);

#[derive(Deserialize)]
struct Body {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_on: Option<Value>,
    expires_in: Option<Value>,
    client_id: Option<Value>,
    object_id: Option<Value>,
    msi_res_id: Option<Value>,
}

/// The token in a 200 answer to a request sent at `asked_at`. No part of the
/// body is in the error, as it may hold a token.
pub(super) fn token(
    source: &'static str,
    body: &[u8],
    asked_at: SystemTime,
    echo: Option<Echo<'_>>,
) -> Result<AccessToken, AuthError> {
    let protocol = |message: &str| AuthError::new(AuthErrorKind::Protocol, source, message);
    let body: Body = serde_json::from_slice(without_mark(body))
        .map_err(|_| protocol("the answer is not the JSON object of a token"))?;
    if body.token_type.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(protocol("the token is not a bearer token (token_type is another)"));
    }
    if let Some((member, wanted)) = echo {
        check_echo(source, &body, member, wanted)?;
    }
    let ends = body.expires_on.as_ref().and_then(expiry::point).or_else(|| {
        let seconds = body.expires_in.as_ref().and_then(expiry::number)?;
        asked_at.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
    });
    let Some(ends) = ends else {
        return Err(protocol("the answer does not say when the token ends (expires_on)"));
    };
    let life = ends.duration_since(asked_at).unwrap_or_default();
    if life > MAX_LIFE {
        return Err(protocol("expires_on is not a sensible end of a token's life"));
    }
    let Some(secret) = body.access_token else {
        return Err(protocol("the answer holds no access_token"));
    };
    let token = AccessToken::new(SecretString::from(secret), ends)
        .map_err(|error| protocol(error.message()))?;
    let half = asked_at.checked_add(life / 2).filter(|_| life >= LONG_LIFE);
    Ok(match half {
        Some(half) => token.with_refresh_at(half),
        None => token,
    })
}

/// An old agent passes over the parameter and hands out the machine's own
/// identity: that must not be taken for the one asked for.
fn check_echo(
    source: &'static str,
    body: &Body,
    member: &'static str,
    wanted: &str,
) -> Result<(), AuthError> {
    let said = match member {
        "client_id" => &body.client_id,
        "object_id" => &body.object_id,
        _ => &body.msi_res_id,
    };
    let said = said.as_ref().and_then(Value::as_str);
    if said.is_some_and(|said| said.eq_ignore_ascii_case(wanted)) {
        return Ok(());
    }
    let message = format!(
        "the answer does not say that its token is the identity's that was asked for ({member})"
    );
    Err(AuthError::new(AuthErrorKind::Protocol, source, message).with_hint(
        "the agent may be too old to know user-assigned identities; upgrade it, or ask for the \
         machine's own identity",
    ))
}

/// An answer other than 200.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Whether the body is a JSON object, as the errors of all hosts are.
    pub(super) is_object: bool,
    answer: ErrorAnswer,
    wait: Option<Duration>,
}

impl Refusal {
    pub(super) fn read(
        status: StatusCode,
        headers: HeaderMap,
        body: Option<&[u8]>,
        secrets: &[SecretString],
        now: SystemTime,
    ) -> Self {
        let body = body.map(without_mark);
        let object: Option<Map<String, Value>> =
            body.and_then(|body| serde_json::from_slice(body).ok());
        let wait = retry_after(&headers, now);
        let mut answer = object.as_ref().map(|object| read(object, secrets)).unwrap_or_default();
        if answer.description.is_none() && object.is_none() {
            // The text of a proxy in between, of which some are known.
            answer.description = body
                .map(|body| scrub(&String::from_utf8_lossy(body), secrets, 200))
                .filter(|text| !text.is_empty() && !text.starts_with('<'));
        }
        Self { status, headers, is_object: object.is_some(), answer, wait }
    }

    /// Whether the host's text holds `words`, in whatever case.
    pub(super) fn says(&self, words: &str) -> bool {
        let texts = [&self.answer.error, &self.answer.description];
        texts.into_iter().flatten().any(|text| text.to_lowercase().contains(words))
    }

    /// The kind by the status alone.
    pub(super) fn kind(&self) -> AuthErrorKind {
        match self.status.as_u16() {
            408 | 429 | 500..=599 => AuthErrorKind::Transient,
            400..=499 => AuthErrorKind::Rejected,
            _ => AuthErrorKind::Protocol,
        }
    }

    pub(super) fn into_error(self, source: &'static str, kind: AuthErrorKind) -> AuthError {
        let message = match kind {
            _ if self.status.is_redirection() => redirection(&self.headers),
            AuthErrorKind::Transient => "the identity endpoint failed".to_owned(),
            AuthErrorKind::Unavailable => "there is no such identity here".to_owned(),
            AuthErrorKind::Rejected => "the identity endpoint refused the request".to_owned(),
            _ => "the answer is neither a token nor an error of an identity endpoint".to_owned(),
        };
        let error =
            AuthError::new(kind, source, message).with_answer(self.status.as_u16(), self.answer);
        match self.wait {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }
}

fn redirection(headers: &HeaderMap) -> String {
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = target.and_then(|text| Origin::parse(text).ok());
    let target = target.map_or_else(|| "elsewhere".to_owned(), |origin| format!("to {origin}"));
    format!("the identity endpoint redirects {target}; it is not followed")
}

/// `error` may be a code, or an object with code and message.
fn read(object: &Map<String, Value>, secrets: &[SecretString]) -> ErrorAnswer {
    let nested = object.get("error").and_then(Value::as_object);
    let find = |names: &[&str], max: usize| {
        let of = |object: &Map<String, Value>| {
            names.iter().find_map(|name| object.get(*name)?.as_str().map(str::to_owned))
        };
        let text = of(object).or_else(|| nested.and_then(of))?;
        Some(scrub(&text, secrets, max)).filter(|text| !text.is_empty())
    };
    ErrorAnswer {
        error: find(&["error", "code"], MAX_ID),
        description: find(&["error_description", "message", "Message"], MAX_TEXT),
        correlation_id: find(&["correlation_id", "correlationId"], MAX_ID),
        trace_id: find(&["trace_id"], MAX_ID),
        timestamp: find(&["timestamp"], MAX_ID),
        ..ErrorAnswer::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Duration = Duration::from_secs(1_000_000);

    fn read_token(body: &str) -> Result<AccessToken, AuthError> {
        token("test", body.as_bytes(), SystemTime::UNIX_EPOCH + NOW, None)
    }

    fn ends(body: &str) -> u64 {
        let token = read_token(body).unwrap();
        token.expires_at().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
    }

    #[test]
    fn the_named_end_goes_before_the_life() {
        assert_eq!(
            ends(r#"{"access_token":"t","expires_on":"1000060","expires_in":"9"}"#),
            1_000_060
        );
        assert_eq!(ends(r#"{"access_token":"t","expires_on":"soon","expires_in":"9"}"#), 1_000_009);
        assert_eq!(ends(r#"{"access_token":"t","expires_in":9}"#), 1_000_009);
        assert_eq!(ends("\u{feff}{\"access_token\":\"t\",\"expires_in\":9}"), 1_000_009);
    }

    #[test]
    fn rule_03_long_lives_are_replaced_at_half() {
        let at = |life: u64| {
            let body = format!(r#"{{"access_token":"t","expires_in":{life}}}"#);
            let at = read_token(&body).unwrap().refresh_at()?;
            Some(at.duration_since(SystemTime::UNIX_EPOCH + NOW).unwrap().as_secs())
        };
        assert_eq!((at(86_400), at(7200), at(7199)), (Some(43_200), Some(3600), None));
    }

    #[test]
    fn broken_answers_are_refused_without_their_text() {
        for body in [
            r#"{"access_token":"canary"}"#,
            r#"{"access_token":"canary","expires_on":"canary"}"#,
            r#"{"access_token":"canary","expires_in":-5}"#,
            r#"{"access_token":"canary","expires_in":1e300}"#,
            r#"{"access_token":"canary","expires_on":9999999999}"#,
            r#"{"access_token":"canary canary","expires_in":9}"#,
            r#"{"access_token":"","expires_in":9}"#,
            r#"{"access_token":["canary"],"expires_in":9}"#,
            r#"{"access_token":"canary","token_type":"pop","expires_in":9}"#,
            r#"{"access_token":"canary"#,
            "canary",
            "[]",
            "{}",
            "",
        ] {
            let error = read_token(body).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{body}");
        }
    }

    #[test]
    fn errors_of_every_shape_are_read() {
        for (body, error, description) in [
            (r#"{"error":"e","error_description":"d"}"#, Some("e"), Some("d")),
            (r#"{"statusCode":400,"message":"d","correlationId":"c"}"#, None, Some("d")),
            (r#"{"error":{"code":"e","message":"d"}}"#, Some("e"), Some("d")),
            (r#"{"error":[1]}"#, None, None),
            ("\u{feff}{\"error\":\"e\"}", Some("e"), None),
            ("plain\ntext", None, Some("plain text")),
            ("<html>", None, None),
        ] {
            let body = Some(body.as_bytes());
            let now = SystemTime::UNIX_EPOCH;
            let refusal = Refusal::read(StatusCode::BAD_REQUEST, HeaderMap::new(), body, &[], now);
            let read = refusal.into_error("test", AuthErrorKind::Rejected);
            assert_eq!((read.error(), read.description()), (error, description));
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let now = SystemTime::now();
            let _ = token("t", &body, now, None);
            let _ = Refusal::read(StatusCode::NOT_FOUND, HeaderMap::new(), Some(&body), &[], now);
        }
    }
}
