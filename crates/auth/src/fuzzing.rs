//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the feature
//! `_fuzzing`, and no part of the interface.

use std::path::Path;
use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{AccessToken, AuthError, ResponseMode, entra, oauth};

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

/// The fields that a browser brings back from a sign-in; `None` if they are no answer
/// to the one that `state` is of.
pub fn sign_in_answer(
    fields: &str,
    state: &str,
    issuer: Option<&str>,
) -> Option<Result<SecretString, AuthError>> {
    oauth::callback::read("fuzzing", fields, &state.into(), issuer).ok()
}

/// What the listener at `localhost:port` takes for a sign-in's answer on one connection.
pub async fn sign_in_redirect<S>(
    socket: S,
    mode: ResponseMode,
    state: &str,
    path: &str,
    port: u16,
) -> Option<Result<SecretString, AuthError>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let expected = oauth::Expected { source: "fuzzing", state: state.into(), mode, issuer: None };
    oauth::connection(socket, expected, path, port).await
}

/// The key that Azure Arc's challenge names, out of the agent's folder.
pub fn arc_challenge(headers: &HeaderMap, folder: &Path) -> Result<SecretString, AuthError> {
    entra::challenged_key(headers, folder)
}
