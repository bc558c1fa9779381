//! Tokens, users, policies, device codes and foreign tokens over the control
//! endpoint.

use std::time::Duration;

use axum::{Json, Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Controls,
    requests::Tokens,
    routes::{Answer, Mistake, read},
};
use crate::{
    identity::{FEDERATION_AUDIENCE, Role, User},
    server::{DIGITAL_TWINS, IDENTITY, IMS},
};

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/tokens", post(change_tokens))
        .route("/users", post(add_user))
        .route("/consents", post(add_consent))
        .route("/policies", post(set_policies))
        .route("/sign-in", post(sign_in_automatically))
        .route("/device-codes", post(answer_device))
        .route("/federated-tokens", post(make_federated_token))
}

async fn change_tokens(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: Tokens = read(&body)?;
    let directory = &controls.shared.directory;
    let ims = &controls.sign_in.ims;
    let is_ims = match request.service.as_deref() {
        None | Some(IDENTITY) => false,
        Some(IMS) => true,
        Some(other) => return Err(Mistake::bad(format!("{other} gives out no tokens"))),
    };
    if request.revoke && is_ims {
        ims.revoke_tokens();
    } else if request.revoke {
        directory.revoke_tokens();
    }
    if let Some(user_name) = &request.revoke_sign_ins_of {
        directory.revoke_sign_ins(user_name).map_err(Mistake::refused)?;
    }
    match (request.next, request.lifetime_seconds.map(Duration::from_secs), is_ims) {
        (Some(count), Some(lifetime), false) => directory.shorten_next_tokens(count, lifetime),
        (Some(count), Some(lifetime), true) => ims.shorten_next_tokens(count, lifetime),
        (None, Some(lifetime), false) => directory.set_token_lifetime(lifetime),
        (None, Some(lifetime), true) => ims.set_token_lifetime(lifetime),
        (Some(_), None, _) => return Err(Mistake::bad("\"next\" needs \"lifetimeSeconds\"")),
        (None, None, _) => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUser {
    user_name: String,
    display_name: Option<String>,
    object_id: Option<String>,
    tenant_id: Option<String>,
    role: Option<Role>,
    instance: Option<String>,
    /// Object ids of groups.
    #[serde(default)]
    groups: Vec<String>,
}

async fn add_user(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewUser = read(&body)?;
    let instance = request.instance.as_deref().unwrap_or(DIGITAL_TWINS);
    controls.instance(Some(instance))?;
    let mut user = User::new(&request.user_name);
    let given = [
        (request.display_name, &mut user.display_name),
        (request.object_id, &mut user.object_id),
        (request.tenant_id, &mut user.tenant_id),
    ];
    for (given, member) in given {
        if let Some(given) = given {
            *member = given;
        }
    }
    user.groups = request.groups;
    let answer = json!({
        "userName": user.user_name,
        "displayName": user.display_name,
        "objectId": user.object_id,
        "tenantId": user.tenant_id,
        "role": request.role,
        "instance": instance,
        "groups": user.groups,
    });
    let object_id = user.object_id.clone();
    let directory = &controls.shared.directory;
    directory.add_user(user).map_err(Mistake::refused)?;
    if let Some(role) = request.role {
        directory.assign(instance, &object_id, role);
    }
    Ok(Json(answer))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewConsent {
    user_name: String,
    client_id: String,
    resource: String,
    scopes: Vec<String>,
}

async fn add_consent(State(controls): State<Controls>, body: Bytes) -> Result<StatusCode, Mistake> {
    let NewConsent { user_name, client_id, resource, scopes } = read(&body)?;
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let directory = &controls.shared.directory;
    directory.consent(&user_name, &client_id, &resource, &scopes).map_err(Mistake::refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Policies {
    /// Resource, and whether it wants an interaction.
    #[serde(default)]
    interaction: std::collections::BTreeMap<String, bool>,
    block_device_flow: Option<bool>,
    one_time_refresh_tokens: Option<bool>,
    refuse_repeated_assertions: Option<bool>,
}

async fn set_policies(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: Policies = read(&body)?;
    let directory = &controls.shared.directory;
    for (resource, on) in &request.interaction {
        directory.require_interaction(resource, *on).map_err(Mistake::refused)?;
    }
    if let Some(on) = request.block_device_flow {
        directory.block_device_flow(on);
    }
    if let Some(on) = request.one_time_refresh_tokens {
        directory.use_refresh_tokens_once(on);
    }
    if let Some(on) = request.refuse_repeated_assertions {
        directory.refuse_repeated_assertions(on);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AutomaticUser {
    user_name: Option<String>,
    service: Option<String>,
}

async fn sign_in_automatically(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: AutomaticUser = read(&body)?;
    let name = request.user_name.as_deref();
    match request.service.as_deref() {
        None | Some(IDENTITY) => {
            controls.shared.directory.sign_in_automatically(name).map_err(Mistake::refused)?;
        }
        Some(IMS) => controls.sign_in.ims.sign_in_automatically(name).map_err(Mistake::refused)?,
        Some(other) => return Err(Mistake::bad(format!("nobody signs in at {other}"))),
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeviceAnswer {
    user_code: String,
    /// Who approves; nobody declines.
    user_name: Option<String>,
}

async fn answer_device(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: DeviceAnswer = read(&body)?;
    let is_settled = match &request.user_name {
        Some(user_name) => controls.sign_in.approve_device(&request.user_code, user_name),
        None => controls.sign_in.decline_device(&request.user_code),
    };
    if is_settled {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Mistake::not_found("no device waits under this code, or there is no such user"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewFederatedToken {
    subject: String,
    audience: Option<String>,
}

async fn make_federated_token(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewFederatedToken = read(&body)?;
    let audience = request.audience.as_deref().unwrap_or(FEDERATION_AUDIENCE);
    let token = controls.sign_in.authority.foreign.token(&request.subject, audience).await;
    let token =
        token.map_err(|error| Mistake(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let answer: Value = json!({"token": token.expose_secret()});
    Ok(Json(answer))
}
