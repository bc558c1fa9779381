//! Applications of the Entra-shaped service over the control endpoint.

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
use serde_json::json;

use super::{
    Controls,
    requests::NewPrincipal,
    routes::{Answer, Mistake, read},
};
use crate::{
    identity::{Api, Application, FEDERATION_AUDIENCE, FederatedCredential},
    server::DIGITAL_TWINS,
};

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/principals", post(add_principal))
        .route("/principals/{client_id}/expire-secrets", post(expire_secrets))
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
    directory.add_application(application).map_err(Mistake::refused)?;
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
    controls.shared.directory.expire_secrets(&client_id).map_err(Mistake::refused)?;
    Ok(StatusCode::NO_CONTENT)
}
