//! Introspection (RFC 7662) and revocation (RFC 7009).

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Provider, client, error::OAuthError};
use crate::identity::form::Form;

/// What a token is, for a client that has a secret.
pub(super) fn introspect(
    provider: &Provider,
    form: &Form,
    headers: &HeaderMap,
) -> Result<Value, OAuthError> {
    let client = client::authenticate(provider, form, headers)?;
    if client.is_public() {
        return Err(OAuthError::new("invalid_client", "Only a client with a secret may ask."));
    }
    let token = form.get("token")?.ok_or_else(|| OAuthError::missing("token"))?;
    if let Some(claims) = provider.claims(token) {
        return Ok(json!({
            "active": true,
            "token_type": "access_token",
            "scope": claims.scope.join(" "),
            "client_id": claims.client_id,
            "iss": provider.base_url,
            "sub": claims.sub,
            "iat": claims.iat,
            "exp": claims.exp,
        }));
    }
    let known = provider.refresh_tokens.with(token, provider.now(), |refresh| {
        let is_active = !refresh.is_used && !provider.revoked.contains(&refresh.grant.family);
        is_active.then(|| refresh.grant.clone())
    });
    Ok(match known {
        Ok(Some(grant)) => json!({
            "active": true,
            "token_type": "refresh_token",
            "scope": grant.scopes.join(" "),
            "client_id": grant.client_id,
            "iss": provider.base_url,
            "sub": grant.user_id,
        }),
        _ => json!({"active": false}),
    })
}

/// Ends a token of the client's own. One that is not known is no mistake.
pub(super) fn revoke(
    provider: &Provider,
    form: &Form,
    headers: &HeaderMap,
) -> Result<(), OAuthError> {
    let client = client::authenticate(provider, form, headers)?;
    let token = form.get("token")?.ok_or_else(|| OAuthError::missing("token"))?;
    let foreign = || OAuthError::new("unauthorized_client", "The token is another client's.");
    if let Some(claims) = provider.claims(token) {
        if claims.client_id != client.client_id {
            return Err(foreign());
        }
        if let Some(serial) = claims.serial() {
            provider.directory.revoke(serial);
        }
        return Ok(());
    }
    let revoke = |refresh: &mut super::provider::Refresh| {
        if refresh.grant.client_id != client.client_id {
            return Err(foreign());
        }
        provider.revoked.add(&refresh.grant.family);
        Ok(())
    };
    provider.refresh_tokens.with(token, provider.now(), revoke).unwrap_or(Ok(()))
}
