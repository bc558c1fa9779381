//! Users, policies, device codes and foreign tokens over the control endpoint.

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Controls,
    requests::{NewPrincipal, Tokens},
    routes::{Answer, Mistake, read},
};
use crate::{
    identity::{Api, Application, FEDERATION_AUDIENCE, FederatedCredential, Role, User},
    server::{DIGITAL_TWINS, IDENTITY, IMS},
};

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/tokens", post(change_tokens))
        .route("/principals", post(add_principal))
        .route("/principals/{client_id}/expire-secrets", post(expire_secrets))
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
        directory.revoke_sign_ins(user_name).map_err(mistake)?;
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

async fn add_principal(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewPrincipal = read(&body)?;
    let instance = request.instance.clone().unwrap_or_else(|| DIGITAL_TWINS.to_owned());
    controls.instance(Some(&instance))?;
    let role = request.role;
    let (application, secret) = application(request, controls.sign_in.authority.foreign.issuer())?;
    // The one place where a secret goes out: to whoever had it made.
    let answer = json!({
        "tenantId": application.tenant_id,
        "clientId": application.client_id,
        "clientSecret": secret.as_ref().map(ExposeSecret::expose_secret),
        "objectId": application.object_id,
        "role": role,
        "instance": instance,
    });
    let object_id = application.object_id.clone();
    let directory = &controls.shared.directory;
    directory.add_application(application).map_err(mistake)?;
    if let Some(role) = role {
        directory.assign(&instance, &object_id, role);
    }
    Ok(Json(answer))
}

/// The application that is asked for, and its secret unless it is public.
fn application(
    request: NewPrincipal,
    foreign_issuer: &str,
) -> Result<(Application, Option<SecretString>), Mistake> {
    let (mut application, secret) = if request.public {
        (Application::public(&[]), None)
    } else {
        let new = || SecretString::from(uuid::Uuid::new_v4().to_string());
        let secret = request.secret.unwrap_or_else(new);
        (Application::new(secret.clone()), Some(secret))
    };
    application.token_lifetime = request.token_lifetime_seconds.map(Duration::from_secs);
    application.redirect_uris = request.redirect_uris;
    application.requires_consent = request.requires_consent;
    for text in &request.certificates {
        application.certificates.push(certificate(text)?);
    }
    for credential in request.federated_credentials {
        application.federated_credentials.push(FederatedCredential {
            issuer: credential.issuer.unwrap_or_else(|| foreign_issuer.to_owned()),
            subject: credential.subject,
            audience: credential.audience.unwrap_or_else(|| FEDERATION_AUDIENCE.to_owned()),
        });
    }
    let given = [
        (request.client_id, &mut application.client_id),
        (request.object_id, &mut application.object_id),
        (request.tenant_id, &mut application.tenant_id),
        (request.display_name, &mut application.display_name),
    ];
    for (given, member) in given {
        if let Some(given) = given {
            *member = given;
        }
    }
    let client_id = &application.client_id;
    application.api = (!request.exposed_scopes.is_empty()).then(|| Api {
        identifier_uri: request.identifier_uri.unwrap_or_else(|| format!("api://{client_id}")),
        scopes: request.exposed_scopes,
    });
    Ok((application, secret))
}

/// A certificate in PEM, or its DER in base64: PEM without its first and last
/// line.
fn certificate(text: &str) -> Result<Vec<u8>, Mistake> {
    let body: String = text
        .lines()
        .map(str::trim)
        .skip_while(|line| text.contains("-----BEGIN") && !line.contains("BEGIN CERTIFICATE"))
        .filter(|line| !line.contains("BEGIN CERTIFICATE"))
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    STANDARD
        .decode(body)
        .map_err(|_| Mistake::bad("a certificate is neither PEM nor DER in base64"))
}

async fn expire_secrets(
    State(controls): State<Controls>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, Mistake> {
    controls.shared.directory.expire_secrets(&client_id).map_err(mistake)?;
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
    let answer = json!({
        "userName": user.user_name,
        "displayName": user.display_name,
        "objectId": user.object_id,
        "tenantId": user.tenant_id,
        "role": request.role,
        "instance": instance,
    });
    let object_id = user.object_id.clone();
    let directory = &controls.shared.directory;
    directory.add_user(user).map_err(mistake)?;
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
    directory.consent(&user_name, &client_id, &resource, &scopes).map_err(mistake)?;
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
        directory.require_interaction(resource, *on).map_err(mistake)?;
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
            controls.shared.directory.sign_in_automatically(name).map_err(mistake)?;
        }
        Some(IMS) => controls.sign_in.ims.sign_in_automatically(name).map_err(mistake)?,
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

fn mistake(error: impl std::error::Error) -> Mistake {
    Mistake::bad(error.to_string())
}
