//! Reading a successful token answer (RFC 6749 section 5.1) in all the shapes
//! met: numbers as integers, floats or strings, and answers that are no token
//! answer at all.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde::Deserialize;
use serde_with::{As, DefaultOnError, DisplayFromStr, PickFirst, Same};

use crate::{AccessToken, AuthError, AuthErrorKind};

/// A number, or a text that holds one.
pub(super) type Number = As<Option<PickFirst<(Same, DisplayFromStr)>>>;

/// Ten years: a token that claims more is a mistake.
const MAX_LIFE: f64 = 10.0 * 365.25 * 86_400.0;

/// A field without which the token is as good: left out if it has another type
/// than expected.
type Lenient<T> = As<DefaultOnError<Option<T>>>;

#[derive(Deserialize)]
struct Body {
    access_token: Option<String>,
    token_type: Option<String>,
    #[serde(default, with = "Number")]
    expires_in: Option<f64>,
    #[serde(default, with = "Lenient::<PickFirst<(Same, DisplayFromStr)>>")]
    refresh_in: Option<f64>,
    #[serde(default, with = "Lenient::<Same>")]
    scope: Option<String>,
    /// Strict: a sign-in whose next token is lost ends without a word.
    refresh_token: Option<String>,
    #[serde(default, with = "Lenient::<Same>")]
    id_token: Option<String>,
}

/// What a token endpoint gave.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    pub(crate) token: AccessToken,
    /// By which the next token is had without the user; replaces the one sent.
    pub(crate) refresh_token: Option<SecretString>,
    /// Who signed in (OpenID Connect); not checked here.
    pub(crate) id_token: Option<SecretString>,
}

/// The token in the body of a 200 answer; `asked_at` is when the request was
/// sent, from which its life is counted. `content_type` is for the error.
///
/// # Errors
/// `Protocol` if the body is not a token answer, or its token is empty, of
/// another type than `Bearer`, or without a sensible life. No part of the body
/// is in the error, as it may hold a token.
pub(crate) fn token(
    source: &'static str,
    body: &[u8],
    content_type: &str,
    asked_at: SystemTime,
) -> Result<TokenAnswer, AuthError> {
    let protocol = |message: &str| AuthError::new(AuthErrorKind::Protocol, source, message);
    let answer: Body = json(source, body, content_type)?;
    // RFC 6749 makes the type mandatory; peers that leave it out mean Bearer.
    if answer.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(protocol("the token is not a bearer token (token_type is another)"));
    }
    let Some(secret) = answer.access_token else {
        return Err(protocol("the answer holds no access_token")
            .with_hint(super::failure::NOT_THE_AUTHORITY));
    };
    let Some(life) = answer.expires_in else {
        return Err(protocol("the answer does not say how long the token lives (expires_in)"));
    };
    let life = seconds(life).ok_or_else(|| protocol("expires_in is not a sensible lifetime"))?;
    let at = |after: Duration| asked_at.checked_add(after).unwrap_or(asked_at);
    let mut token = AccessToken::new(SecretString::from(secret), at(life))
        .map_err(|error| protocol(error.message()))?;
    if let Some(wait) = answer.refresh_in.and_then(seconds) {
        token = token.with_refresh_at(at(wait));
    }
    if let Some(scope) = answer.scope {
        token = token.with_granted_scopes(scope.split_ascii_whitespace().map(str::to_owned));
    }
    let secret = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Into::into);
    Ok(TokenAnswer {
        token,
        refresh_token: secret(answer.refresh_token),
        id_token: secret(answer.id_token),
    })
}

/// A body's JSON. No part of the body is in the error.
pub(super) fn json<'a, T: Deserialize<'a>>(
    source: &'static str,
    body: &'a [u8],
    content_type: &str,
) -> Result<T, AuthError> {
    serde_json::from_slice(without_mark(body)).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            serde_json::error::Category::Data => "has a field of the wrong type",
            _ => "is not JSON",
        };
        let message = format!(
            "the answer {what} (line {}, column {}; content type {content_type})",
            error.line(),
            error.column()
        );
        AuthError::new(AuthErrorKind::Protocol, source, message)
            .with_hint(super::failure::NOT_THE_AUTHORITY)
    })
}

/// A body without the byte-order mark that some services put first.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// More than zero and at most ten years.
pub(super) fn seconds(value: f64) -> Option<Duration> {
    let sensible = value > 0.0 && value <= MAX_LIFE;
    sensible.then(|| Duration::try_from_secs_f64(value).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn read(body: &str) -> Result<AccessToken, AuthError> {
        token("test", body.as_bytes(), "application/json", SystemTime::UNIX_EPOCH)
            .map(|answer| answer.token)
    }

    fn life(expires_in: &str) -> Result<Duration, AuthError> {
        let body =
            format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{expires_in}}}"#);
        Ok(read(&body)?.expires_at().duration_since(SystemTime::UNIX_EPOCH).unwrap())
    }

    #[test]
    fn every_form_of_a_number_is_read() {
        for (text, seconds) in
            [("3599", 3599.0), ("3599.5", 3599.5), ("\"3599\"", 3599.0), ("\"3.5e3\"", 3500.0)]
        {
            assert_eq!(life(text).unwrap(), Duration::from_secs_f64(seconds), "{text}");
        }
    }

    #[test]
    fn senseless_numbers_are_refused() {
        for text in [
            "0",
            "-1",
            "1e300",
            "\"NaN\"",
            "\"inf\"",
            "\"soon\"",
            "{}",
            "null",
            "400000000",
            "\"\"",
        ] {
            assert_eq!(life(text).unwrap_err().kind(), AuthErrorKind::Protocol, "{text}");
        }
    }

    #[test]
    fn scopes_and_refresh_time_are_kept() {
        let body = r#"{"access_token":"t","token_type":"Bearer","expires_in":60,
            "refresh_in":"30","scope":"a b","ext_expires_in":60,"foci":"1","extra":{"x":[1]}}"#;
        let token = read(body).unwrap();
        assert_eq!(token.granted_scopes(), ["a", "b"]);
        let refresh = token.refresh_at().unwrap();
        assert_eq!(refresh.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 30);
        assert_eq!(token.secret().expose_secret(), "t");
    }

    #[test]
    fn a_byte_order_mark_does_not_cost_the_token() {
        let token = read("\u{feff}{\"access_token\":\"t\",\"expires_in\":60}").unwrap();
        assert_eq!(token.secret().expose_secret(), "t");
    }

    #[test]
    fn a_field_that_is_not_needed_does_not_cost_the_token() {
        let body = r#"{"access_token":"t","expires_in":60,"scope":["a"],"refresh_in":"",
            "id_token":{"a":1}}"#;
        let token = read(body).unwrap();
        assert!(token.granted_scopes().is_empty() && token.refresh_at().is_none());
        assert!(read(r#"{"access_token":"t","expires_in":60,"refresh_token":5}"#).is_err());
    }

    #[test]
    fn rule_12_other_types_empty_and_broken_answers_are_refused_without_their_text() {
        for body in [
            r#"{"access_token":"canary","token_type":"pop","expires_in":60}"#,
            r#"{"access_token":"","token_type":"Bearer","expires_in":60}"#,
            r#"{"access_token":"canary canary","token_type":"Bearer","expires_in":60}"#,
            r#"{"access_token":"canary","token_type":"Bearer"}"#,
            r#"{"access_token":"canary","token_type":"Bearer","expires_in":"canary"}"#,
            r#"{"access_token":"canary","expi"#,
            r#"{"access_token":["canary"]}"#,
            "<html>canary</html>",
            "{}",
            "null",
            "",
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{body}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = token("test", &body, "", SystemTime::now());
        }

        #[test]
        fn no_field_panics(life in "[ -~]{0,12}", refresh in "[-0-9.eE]{0,12}") {
            let _ = read(&format!(
                r#"{{"access_token":"t","expires_in":"{life}","refresh_in":"{refresh}"}}"#
            ));
        }
    }
}
