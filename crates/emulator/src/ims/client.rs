//! Which application asks, by a secret or, if it has none, by its id.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::{Provider, directory::ImsClient, error::OAuthError};
use crate::identity::form::{Form, basic};

pub(super) fn authenticate(
    provider: &Provider,
    form: &Form,
    headers: &HeaderMap,
) -> Result<ImsClient, OAuthError> {
    let header = basic(headers);
    let by_header = header.is_some();
    let refuse = |description: &str| OAuthError {
        by_header,
        ..OAuthError::new("invalid_client", description)
    };
    let (client_id, secret) = match header {
        Some((id, secret)) => (id, Some(secret)),
        None => {
            let id = form.get("client_id")?.ok_or_else(|| refuse("No client is named."))?;
            (id.to_owned(), form.get("client_secret")?.map(SecretString::from))
        }
    };
    let client = provider.directory.client(&client_id).ok_or_else(|| refuse("No such client."))?;
    match secret {
        None if client.is_public() => Ok(client),
        None => Err(refuse("The client's secret is missing.")),
        Some(secret) if client.is_opened_by(secret.expose_secret()) => Ok(client),
        Some(_) => Err(refuse("The client's secret is wrong, or it has none.")),
    }
}
