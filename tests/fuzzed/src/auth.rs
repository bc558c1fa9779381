//! What identity services and tools send.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use twinkit_auth::{ExposeSecret, TokenClaims, TokenRequest, claims_challenge, fuzzing};

use crate::support::{assert_line, text};

/// The end of the year 9999, and a year more for what is told by a duration.
const LATEST: Duration = Duration::from_secs(253_402_300_800 + 86_400 * 366);

/// `WWW-Authenticate` headers, NUL between several. What is found fits the
/// request that answers it.
pub fn www_authenticate(data: &[u8]) {
    let values =
        data.split(|byte| *byte == 0).filter_map(|part| HeaderValue::from_bytes(part).ok());
    let headers: HeaderMap = values.map(|value| (WWW_AUTHENTICATE, value)).collect();
    if let Some(claims) = claims_challenge(&headers) {
        let request = TokenRequest::new(["scope"]).unwrap();
        assert!(request.with_claims(&claims).is_ok());
    }
}

/// The body of a token endpoint's 200. What is taken for a token can be sent and
/// is not shown; nor are the values of its claims.
pub fn token_answer(data: &[u8]) {
    let answer = fuzzing::token_answer(data);
    let Ok(token) = answer else {
        assert_line(&answer.unwrap_err().to_string());
        return;
    };
    let text = token.secret().expose_secret();
    assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
    // A short one may be part of the names of the members.
    assert!(text.len() < 16 || !format!("{token:?}").contains(text));
    if let Some(claims) = TokenClaims::of(&token) {
        let shown = format!("{claims:?}");
        for (name, value) in claims.as_map() {
            let value = value.as_str().filter(|value| value.contains("canary"));
            assert!(value.is_none_or(|value| name.contains(value) || !shown.contains(value)));
        }
    }
}

/// The body of a refusal. Its error is one line without the secret that was sent.
pub fn error_answer(data: &[u8]) {
    let line = fuzzing::error_answer(data, "s3cret").to_string();
    assert!(!line.contains("s3cret"), "{line:?}");
    assert_line(&line);
}

/// The end of a token's life, as metadata services and tools write it. What is
/// understood lies within the years that are believed.
pub fn expiry(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Some(at) = fuzzing::expiry(text) {
        assert!(at.duration_since(SystemTime::UNIX_EPOCH).unwrap() < LATEST, "{text:?}");
    }
}

/// What a store gives for a sign-in, which other programs can write to. What is read is
/// written so that it reads the same again; the refresh token is not shown.
pub fn stored_sign_in(data: &[u8]) {
    let Some((token, written, shown)) = text(data).and_then(fuzzing::stored_sign_in) else {
        return;
    };
    let (token, written) = (token.expose_secret(), written.expose_secret());
    assert!(!token.is_empty());
    let (again, rewritten, _) = fuzzing::stored_sign_in(written).unwrap();
    assert_eq!((again.expose_secret(), rewritten.expose_secret()), (token, written));
    assert!(
        !token.contains("canary")
            || text(data).unwrap().matches("canary").count() > 1
            || !shown.contains("canary"),
        "{shown}"
    );
}
