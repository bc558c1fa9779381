//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the feature
//! `_fuzzing`, and no part of the interface.

use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::{AccessToken, AuthError, oauth};

pub fn token_answer(body: &[u8]) -> Result<AccessToken, AuthError> {
    oauth::token("fuzzing", body, "", SystemTime::UNIX_EPOCH).map(|answer| answer.token)
}

pub fn error_answer(body: &[u8], secret: &str) -> AuthError {
    let (headers, now) = (HeaderMap::new(), SystemTime::UNIX_EPOCH);
    let status = StatusCode::BAD_REQUEST;
    oauth::from_answer("fuzzing", status, &headers, Some(body), &[secret.into()], now)
}

/// What a store's text is read as: the refresh token, the text that is written of it
/// again, and how it is shown.
pub fn stored_sign_in(text: &str) -> Option<(SecretString, SecretString, String)> {
    let record = oauth::Record::parse(&text.into())?;
    Some((record.refresh_token.clone(), record.to_text(), format!("{record:?}")))
}

pub fn expiry(text: &str) -> Option<SystemTime> {
    crate::entra::expiry::point(&text.into())
}
