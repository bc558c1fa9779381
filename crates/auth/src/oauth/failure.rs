//! Reading answers that are no token: error answers (RFC 6749 section 5.2 with Entra
//! ID's fields), and answers of something in between.

use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use secrecy::SecretString;
use serde::Deserialize;
use serde_with::{As, DefaultOnError, Same};
use twinkit_http::{Origin, retry_after};

use super::response::without_mark;
use super::shown::{is_secret, scrub};
use crate::error::ErrorAnswer;
use crate::{AuthError, AuthErrorKind};

/// For answers that no authority would give.
pub(super) const NOT_THE_AUTHORITY: &str = "a proxy, a gateway or a sign-in page may have \
     answered in place of the identity service; check the authority's address and the proxy \
     settings";

const MAX_TEXT: usize = 2048;
const MAX_ID: usize = 128;
/// The same bound as for challenges that are answered.
const MAX_CLAIMS: usize = 16 * 1024;

/// A field that is left out if it has another type than expected, so that the
/// others are still read.
type Lenient = As<DefaultOnError<Option<Same>>>;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    #[serde(with = "Lenient")]
    error: Option<String>,
    #[serde(with = "Lenient")]
    error_description: Option<String>,
    #[serde(with = "Lenient")]
    error_codes: Option<Vec<u64>>,
    #[serde(with = "Lenient")]
    suberror: Option<String>,
    #[serde(with = "Lenient")]
    claims: Option<String>,
    #[serde(with = "Lenient")]
    trace_id: Option<String>,
    #[serde(with = "Lenient")]
    correlation_id: Option<String>,
    #[serde(with = "Lenient")]
    timestamp: Option<String>,
    #[serde(with = "Lenient")]
    error_uri: Option<String>,
}

/// The error that an answer other than 200 stands for. `body` is `None` if it
/// could not be read; `secrets` are those sent.
pub(crate) fn from_answer(
    source: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    body: Option<&[u8]>,
    secrets: &[SecretString],
    now: SystemTime,
) -> AuthError {
    let body = body.map(without_mark);
    // What is busy or out of order may have no words for it; a page has some.
    let says_nothing = body.is_some_and(|body| body.trim_ascii().is_empty());
    let body: Option<Body> = body.and_then(|body| serde_json::from_slice(body).ok());
    let answer = body.map(|body| read(body, secrets)).unwrap_or_default();
    let kind = kind(status, &answer);
    let is_silent = says_nothing && kind == AuthErrorKind::Transient;
    let message = match kind {
        _ if status.is_redirection() => redirection(headers, secrets),
        _ if is_silent => "the identity service is busy or out of order".to_owned(),
        _ if answer.error.is_none() => format!(
            "the answer is neither a token nor an error of an identity service (content type {})",
            content_type(headers, secrets)
        ),
        AuthErrorKind::Transient => "the identity service failed".to_owned(),
        AuthErrorKind::InteractionRequired => "a person has to sign in or to consent".to_owned(),
        AuthErrorKind::Denied => "access was denied".to_owned(),
        _ => "the identity service refused the request".to_owned(),
    };
    let is_foreign = answer.error.is_none() && !is_silent;
    let mut error = AuthError::new(kind, source, message).with_answer(status.as_u16(), answer);
    if let Some(wait) = retry_after(headers, now) {
        error = error.with_retry_after(wait);
    }
    if is_foreign { error.with_hint(NOT_THE_AUTHORITY) } else { error }
}

/// The error in an answer under a status of success, if it holds one.
pub(super) fn under_success(
    source: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[SecretString],
    now: SystemTime,
) -> Option<AuthError> {
    let error = from_answer(source, status, headers, Some(body), secrets, now);
    error.error().is_some().then_some(error)
}

/// The error that a sign-in page sent back through the browser, with the names
/// of an error answer's fields.
pub(super) fn from_redirect(source: &'static str, fields: serde_json::Value) -> AuthError {
    let answer = read(serde_json::from_value(fields).unwrap_or_default(), &[]);
    let kind = match answer.suberror.as_deref() {
        Some("cancel") => AuthErrorKind::Denied,
        _ => kind(StatusCode::BAD_REQUEST, &answer),
    };
    let message = match kind {
        AuthErrorKind::Denied => "the sign-in was cancelled or access was denied",
        AuthErrorKind::Transient => "the sign-in page failed",
        AuthErrorKind::InteractionRequired => "a person has to sign in or to consent",
        _ => "the sign-in page refused the request",
    };
    AuthError::new(kind, source, message).with_fields(answer)
}

/// The fields, fit to be shown. The words and numbers that something depends on are in
/// them as they came.
fn read(body: Body, secrets: &[SecretString]) -> ErrorAnswer {
    let clean = |text: Option<String>, max: usize| {
        text.map(|text| scrub(&text, secrets, max)).filter(|text| !text.is_empty())
    };
    let mut codes = body.error_codes.unwrap_or_default();
    codes.truncate(16);
    if codes.is_empty() {
        codes.extend(body.error_description.as_deref().and_then(leading_code));
    }
    codes.retain(|code| !is_secret(&code.to_string(), secrets));
    ErrorAnswer {
        error: clean(body.error, MAX_ID),
        suberror: clean(body.suberror, MAX_ID),
        claims: clean(body.claims.filter(|claims| claims.len() <= MAX_CLAIMS), MAX_CLAIMS),
        trace_id: clean(body.trace_id, MAX_ID),
        correlation_id: clean(body.correlation_id, MAX_ID),
        timestamp: clean(body.timestamp, MAX_ID),
        error_uri: clean(body.error_uri, MAX_TEXT),
        description: clean(body.error_description, MAX_TEXT),
        codes,
    }
}

/// The number in `AADSTS7000215: ...`, for answers without `error_codes`.
fn leading_code(description: &str) -> Option<u64> {
    let rest = description.trim_start().strip_prefix("AADSTS")?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Kind by `error` code first, by status where there is none.
fn kind(status: StatusCode, answer: &ErrorAnswer) -> AuthErrorKind {
    let passing = matches!(status.as_u16(), 408 | 429 | 500 | 502..=504);
    match answer.error.as_deref() {
        Some("interaction_required" | "consent_required" | "login_required") => {
            AuthErrorKind::InteractionRequired
        }
        // The grant would be good if a person answered the challenge.
        Some("invalid_grant") if answer.claims.is_some() || asks_person(answer) => {
            AuthErrorKind::InteractionRequired
        }
        Some("access_denied" | "authorization_declined") => AuthErrorKind::Denied,
        Some("temporarily_unavailable" | "server_error") => AuthErrorKind::Transient,
        _ if passing => AuthErrorKind::Transient,
        Some(_) => AuthErrorKind::Rejected,
        None if matches!(status.as_u16(), 400 | 401 | 403) => AuthErrorKind::Rejected,
        None if status.is_server_error() => AuthErrorKind::Transient,
        None => AuthErrorKind::Protocol,
    }
}

/// The suberrors that applications are meant to act on.
fn asks_person(answer: &ErrorAnswer) -> bool {
    matches!(
        answer.suberror.as_deref(),
        Some("basic_action" | "additional_action" | "consent_required" | "user_password_expired")
    )
}

fn redirection(headers: &HeaderMap, secrets: &[SecretString]) -> String {
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = target.and_then(|text| Origin::parse(text).ok());
    let target = target.map_or_else(
        || "elsewhere".to_owned(),
        |origin| format!("to {}", scrub(&origin.to_string(), secrets, MAX_TEXT)),
    );
    format!(
        "the token endpoint redirects {target}; it is not followed, as that would repeat the \
         secret there"
    )
}

/// The content type, fit for an error message.
pub(super) fn content_type(headers: &HeaderMap, secrets: &[SecretString]) -> String {
    let value = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.map_or_else(|| "none".to_owned(), |text| scrub(&text, secrets, MAX_ID))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, body: &str) -> AuthError {
        answer_to("canary", status, body)
    }

    /// With this secret sent.
    fn answer_to(secret: &str, status: u16, body: &str) -> AuthError {
        let status = StatusCode::from_u16(status).unwrap();
        let (headers, now) = (HeaderMap::new(), SystemTime::now());
        from_answer("test", status, &headers, Some(body.as_bytes()), &[secret.into()], now)
    }

    #[test]
    fn kinds_follow_code_then_status() {
        use AuthErrorKind::{Denied, InteractionRequired, Protocol, Rejected, Transient};
        for (status, body, expected) in [
            (401, r#"{"error":"invalid_client"}"#, Rejected),
            (400, r#"{"error":"invalid_grant"}"#, Rejected),
            (400, r#"{"error":"invalid_grant","claims":"{}"}"#, InteractionRequired),
            (400, r#"{"error":"invalid_grant","suberror":"basic_action"}"#, InteractionRequired),
            (400, r#"{"error":"invalid_grant","suberror":"bad_token"}"#, Rejected),
            (400, r#"{"error":"interaction_required"}"#, InteractionRequired),
            (400, r#"{"error":"temporarily_unavailable"}"#, Transient),
            (403, r#"{"error":"access_denied"}"#, Denied),
            (429, r#"{"error":"invalid_request"}"#, Transient),
            (503, "", Transient),
            (401, "", Rejected),
            (403, "<html>", Rejected),
            (404, "", Protocol),
            (302, "", Protocol),
            (200, "", Protocol),
        ] {
            assert_eq!(answer(status, body).kind(), expected, "{status} {body}");
        }
    }

    #[test]
    fn no_secret_changes_what_is_decided() {
        use AuthErrorKind::{Denied, InteractionRequired, Rejected, Transient};
        for (status, code, more, kind) in [
            (401, "invalid_client", "", Rejected),
            (400, "invalid_grant", "", Rejected),
            (400, "invalid_grant", r#","suberror":"basic_action""#, InteractionRequired),
            (400, "interaction_required", "", InteractionRequired),
            (400, "access_denied", "", Denied),
            (400, "server_error", "", Transient),
            (400, "authorization_pending", "", Rejected),
            (400, "slow_down", "", Rejected),
        ] {
            let said = "AADSTS7000215: no client-secret";
            let body = format!(r#"{{"error":"{code}","error_description":"{said}"{more}}}"#);
            for secret in
                ["client-secret", "AADSTS7", "7000215-x", "basic_action", "grant", "d", code]
            {
                let error = answer_to(secret, status, &body);
                assert_eq!((error.kind(), error.error()), (kind, Some(code)), "{secret}");
                assert_eq!(error.codes(), [7_000_215], "{secret}");
                let shown = error.description().unwrap();
                assert!(secret.len() < 6 || !shown.contains(secret), "{shown}");
            }
        }
        let numbers = answer_to("123456", 400, r#"{"error":"x","error_codes":[123456,5]}"#);
        assert_eq!(numbers.codes(), [5]);
        let unknown = answer_to("canary", 400, r#"{"error":"canary_code","suberror":"canary"}"#);
        assert_eq!(
            (unknown.error(), unknown.suberror()),
            (Some("[redacted]_code"), Some("[redacted]"))
        );
    }

    #[test]
    fn a_field_of_a_wrong_type_or_a_byte_order_mark_does_not_cost_the_others() {
        let error = answer(
            400,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: x","error_codes":"?",
                "trace_id":7,"claims":{"a":1},"correlation_id":"c"}"#,
        );
        assert_eq!(error.error(), Some("invalid_client"));
        assert_eq!(error.codes(), [7_000_215]);
        assert_eq!(error.trace_id(), None);
        assert_eq!(error.correlation_id(), Some("c"));
        let marked = answer(400, "\u{feff}{\"error\":\"invalid_client\"}");
        assert_eq!(marked.error(), Some("invalid_client"));
    }

    #[test]
    fn only_what_may_be_of_another_peer_is_told_as_such() {
        for (status, body, is_foreign) in [
            (429, "", false),
            (502, "\r\n", false),
            (503, "", false),
            (504, "", false),
            (503, "<html>", true),
            (401, "", true),
            (404, "", true),
            (200, "<html>", true),
            (503, r#"{"error":"temporarily_unavailable"}"#, false),
        ] {
            let error = answer(status, body);
            assert_eq!(error.hint() == Some(NOT_THE_AUTHORITY), is_foreign, "{status} {body}");
            let shown = error.to_string();
            assert_eq!(shown.contains("neither a token nor"), is_foreign, "{shown}");
            assert!(shown.contains(&format!("status {status}")), "{shown}");
        }
    }

    #[test]
    fn texts_are_scrubbed_flattened_and_cut() {
        let long = "x".repeat(5000);
        let body = format!(
            r#"{{"error":"a\u0007b","error_description":"canary\r\n\u001b[31m{long}",
                "error_uri":"http://x?canary"}}"#
        );
        let error = answer(400, &body);
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(!error.to_string().contains(|character: char| character.is_control()));
        assert!(error.description().unwrap().chars().count() <= MAX_TEXT + 1);
    }

    #[test]
    fn redirects_name_only_the_origin() {
        let headers = [(LOCATION, "https://evil.example/token?canary".parse().unwrap())];
        let headers = headers.into_iter().collect();
        let status = StatusCode::TEMPORARY_REDIRECT;
        let error = from_answer("test", status, &headers, None, &[], SystemTime::now());
        assert_eq!(error.kind(), AuthErrorKind::Protocol);
        assert!(error.to_string().contains("redirects to https://evil.example;"));
        assert!(!error.to_string().contains("canary"));
        let to = |secret: &str, headers: &HeaderMap| {
            from_answer("test", status, headers, None, &[secret.into()], SystemTime::now())
        };
        assert!(to("elsewhere", &HeaderMap::new()).to_string().contains("redirects elsewhere;"));
        assert!(to("redirects to", &headers).to_string().contains("to https://evil.example;"));
        assert!(to("evil.example", &headers).to_string().contains("to https://[redacted];"));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (headers, now) = (HeaderMap::new(), SystemTime::now());
            let _ = from_answer("t", StatusCode::BAD_REQUEST, &headers, Some(&body), &[], now);
        }
    }
}
