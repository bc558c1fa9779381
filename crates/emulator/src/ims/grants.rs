//! The grants of `/connect/token`.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{
    Provider, client,
    directory::{ImsClient, ImsUser},
    error::OAuthError,
    provider::{Code, Grant, Refresh},
};
use crate::identity::{form::Form, pkce};

/// Seconds that a refresh token lives.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

pub(super) async fn answer(
    provider: &Provider,
    form: &Form,
    headers: &HeaderMap,
) -> Result<Value, OAuthError> {
    let client = client::authenticate(provider, form, headers)?;
    match required(form, "grant_type")? {
        "client_credentials" => client_credentials(provider, form, &client).await,
        "authorization_code" => {
            let grant = redeem_code(provider, form, &client)?;
            user_tokens(provider, &client, grant).await
        }
        "refresh_token" => {
            let grant = take_refresh_token(provider, form, &client)?;
            user_tokens(provider, &client, grant).await
        }
        other => Err(OAuthError::new(
            "unsupported_grant_type",
            format!("The grant type '{other}' is not supported."),
        )),
    }
}

/// The scopes asked for, or all that the client may have.
pub(super) fn scopes(client: &ImsClient, text: Option<&str>) -> Result<Vec<String>, OAuthError> {
    let Some(text) = text else { return Ok(client.scopes.clone()) };
    let scopes: Vec<String> =
        text.split(' ').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match scopes.iter().find(|scope| !client.scopes.contains(scope)) {
        Some(unknown) => {
            let text = format!("The client may not have the scope '{unknown}'.");
            Err(OAuthError::new("invalid_scope", text))
        }
        None if scopes.is_empty() => Err(OAuthError::new("invalid_scope", "No scope is named.")),
        None => Ok(scopes),
    }
}

fn required<'a>(form: &'a Form, field: &str) -> Result<&'a str, OAuthError> {
    form.get(field)?.ok_or_else(|| OAuthError::missing(field))
}

async fn client_credentials(
    provider: &Provider,
    form: &Form,
    client: &ImsClient,
) -> Result<Value, OAuthError> {
    if client.is_public() || !client.redirect_uris.is_empty() {
        let text = "Only service applications sign in for themselves.";
        return Err(OAuthError::new("unauthorized_client", text));
    }
    let scopes = scopes(client, form.get("scope")?)?;
    let (token, seconds) =
        provider.issue(client, None, &scopes).await.map_err(|_| OAuthError::server_error())?;
    Ok(body(&token, seconds, &scopes))
}

fn body(token: &str, seconds: u64, scopes: &[String]) -> Value {
    json!({
        "access_token": token,
        "expires_in": seconds,
        "token_type": "Bearer",
        "scope": scopes.join(" "),
    })
}

/// A second use of a code ends what came of the first.
fn redeem_code(provider: &Provider, form: &Form, client: &ImsClient) -> Result<Grant, OAuthError> {
    let text = required(form, "code")?;
    let redirect_uri = required(form, "redirect_uri")?;
    let verifier = required(form, "code_verifier")?;
    let redeem = |code: &mut Code| {
        let is_sound = code.grant.client_id == client.client_id
            && code.redirect_uri == redirect_uri
            && pkce::belongs(verifier, &code.challenge);
        if !is_sound {
            return None;
        }
        if code.is_used {
            provider.revoked.add(&code.grant.family);
            return None;
        }
        code.is_used = true;
        Some(code.grant.clone())
    };
    let found = provider.codes.with(text, provider.now(), redeem).ok().flatten();
    found.ok_or_else(|| {
        OAuthError::invalid_grant("The code is unknown, used, expired, or not for this request.")
    })
}

/// A second use of a refresh token ends the grant.
fn take_refresh_token(
    provider: &Provider,
    form: &Form,
    client: &ImsClient,
) -> Result<Grant, OAuthError> {
    let text = required(form, "refresh_token")?;
    let take = |refresh: &mut Refresh| {
        let grant = &refresh.grant;
        if grant.client_id != client.client_id {
            return None;
        }
        if refresh.is_used {
            provider.revoked.add(&grant.family);
        }
        if provider.revoked.contains(&grant.family) {
            return None;
        }
        refresh.is_used = true;
        Some(refresh.grant.clone())
    };
    let found = provider.refresh_tokens.with(text, provider.now(), take).ok().flatten();
    let mut grant = found.ok_or_else(|| {
        OAuthError::invalid_grant("The refresh token is unknown, used, expired, or revoked.")
    })?;
    grant.nonce = None;
    Ok(grant)
}

async fn user_tokens(
    provider: &Provider,
    client: &ImsClient,
    grant: Grant,
) -> Result<Value, OAuthError> {
    let user: ImsUser = provider
        .directory
        .user(&grant.user_id)
        .ok_or_else(|| OAuthError::invalid_grant("The user is gone."))?;
    let failed = |_| OAuthError::server_error();
    let (token, seconds) =
        provider.issue(client, Some(&user), &grant.scopes).await.map_err(failed)?;
    let mut body = body(&token, seconds, &grant.scopes);
    let wants = |scope: &str| grant.scopes.iter().any(|name| name == scope);
    let (wants_id_token, wants_refresh_token) = (wants("openid"), wants("offline_access"));
    if let Some(members) = body.as_object_mut() {
        if wants_id_token {
            let nonce = grant.nonce.as_deref();
            let token =
                provider.issue_id_token(client, &user, nonce, seconds).await.map_err(failed)?;
            members.insert("id_token".to_owned(), token.into());
        }
        if wants_refresh_token {
            let expires_at = provider.now().saturating_add(REFRESH_SECONDS);
            let refresh = Refresh { grant, is_used: false };
            let token = provider.refresh_tokens.put("", refresh, expires_at);
            members.insert("refresh_token".to_owned(), token.into());
        }
    }
    Ok(body)
}
