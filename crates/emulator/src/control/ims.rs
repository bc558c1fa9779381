//! Applications and users of the IMS-shaped service over the control endpoint.

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::{delete, post},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{
    Controls,
    routes::{Answer, Mistake, read},
};
use crate::ims::{ImsClient, ImsUser};

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/ims/clients", post(add_client))
        .route("/ims/users", post(add_user))
        .route("/ims/users/{email}", delete(remove_user))
}

/// A service without redirect addresses; with them a web application, or a
/// native one if it is public.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewClient {
    client_id: String,
    secret: Option<SecretString>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// All that suit its kind, if left out.
    scopes: Option<Vec<String>>,
    token_lifetime_seconds: Option<u64>,
}

async fn add_client(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewClient = read(&body)?;
    let new = || SecretString::from(uuid::Uuid::new_v4().to_string());
    let secret = (!request.public).then(|| request.secret.unwrap_or_else(new));
    let first = request.redirect_uris.first();
    let mut client = match (&secret, first) {
        (None, None) => {
            return Err(Mistake::bad("a public application needs \"redirectUris\""));
        }
        (None, Some(uri)) => ImsClient::native(&request.client_id, uri),
        (Some(secret), None) => ImsClient::service(&request.client_id, secret.clone()),
        (Some(secret), Some(uri)) => ImsClient::web(&request.client_id, secret.clone(), uri),
    };
    client.redirect_uris = request.redirect_uris;
    client.token_lifetime = request.token_lifetime_seconds.map(Duration::from_secs);
    if let Some(scopes) = request.scopes {
        client.scopes = scopes;
    }
    let answer = json!({
        "clientId": client.client_id,
        "clientSecret": secret.as_ref().map(|secret| secret.expose_secret()),
        "redirectUris": client.redirect_uris,
        "scopes": client.scopes,
    });
    controls.sign_in.ims.add_client(client).map_err(Mistake::refused)?;
    Ok(Json(answer))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUser {
    email: String,
    name: Option<String>,
    id: Option<String>,
}

async fn add_user(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewUser = read(&body)?;
    let user = ImsUser {
        id: request.id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        name: request.name.unwrap_or_else(|| request.email.clone()),
        email: request.email,
    };
    let answer = json!({"id": user.id, "email": user.email, "name": user.name});
    controls.sign_in.ims.add_user(user).map_err(Mistake::refused)?;
    Ok(Json(answer))
}

async fn remove_user(
    State(controls): State<Controls>,
    Path(email): Path<String>,
) -> Result<StatusCode, Mistake> {
    let removed = controls.sign_in.ims.remove_user(&email);
    removed.map_err(|error| Mistake::not_found(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}
