//! App Service and its kin, in the form of 2019 and in the older one, which the
//! Azure CLI still asks for. The version tells them apart.

use axum::{
    Json,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde_json::json;

use super::{
    ExpiresOn, Hosts,
    call::Call,
    issue::{Dialect, Granted, IdKind, Refusal},
};

const CURRENT: Dialect = Dialect {
    version: Some(|version| version == "2019-08-01"),
    ids: &[
        ("client_id", IdKind::Client),
        ("object_id", IdKind::Object),
        ("principal_id", IdKind::Object),
        ("mi_res_id", IdKind::Resource),
    ],
};

const OLDER_VERSION: &str = "2017-09-01";
const OLDER: Dialect = Dialect {
    version: Some(|version| version == OLDER_VERSION),
    ids: &[("clientid", IdKind::Client)],
};

pub(super) fn answer(hosts: &Hosts, call: &Call) -> Response {
    let secret = &hosts.secrets.app_service;
    if call.field("api-version") == Ok(Some(OLDER_VERSION)) {
        return guarded(hosts, call, ("secret", secret), &OLDER, |granted| {
            hosts.expires_on_text(granted, ExpiresOn::LinuxDate)
        });
    }
    guarded(hosts, call, ("x-identity-header", secret), &CURRENT, |granted| {
        granted.expires_on.to_string()
    })
}

/// Answers whoever shows the secret in the header; Azure ML does the same.
pub(super) fn guarded(
    hosts: &Hosts,
    call: &Call,
    (header, secret): (&str, &SecretString),
    dialect: &Dialect,
    expires_on: impl FnOnce(&Granted) -> String,
) -> Response {
    if let Some(refused) = refuse_strangers(call, header, secret) {
        return refused;
    }
    match hosts.grant(call, dialect) {
        Ok(granted) => Json(json!({
            "access_token": granted.token,
            "expires_on": expires_on(&granted),
            "resource": granted.resource,
            "token_type": "Bearer",
            "client_id": granted.client_id,
        }))
        .into_response(),
        Err(refusal) => refuse(&refusal),
    }
}

fn refuse_strangers(call: &Call, header: &str, secret: &SecretString) -> Option<Response> {
    if call.method != Method::GET {
        return Some(error(StatusCode::METHOD_NOT_ALLOWED, "Only GET is served here."));
    }
    match call.shows(header, secret) {
        Some(true) => None,
        Some(false) => {
            let words = format!("The header {header} does not hold this host's secret.");
            Some(error(StatusCode::UNAUTHORIZED, &words))
        }
        None => {
            let words = format!("The header {header} is missing.");
            Some(error(StatusCode::UNAUTHORIZED, &words))
        }
    }
}

fn refuse(refusal: &Refusal) -> Response {
    match refusal {
        // The real one does not say more either.
        Refusal::Resource(_) | Refusal::Signing => {
            let words = "The token could not be had from the directory.";
            error(StatusCode::INTERNAL_SERVER_ERROR, words)
        }
        Refusal::Identity => {
            error(StatusCode::BAD_REQUEST, "No managed identity with this id is assigned.")
        }
        Refusal::Missing(_) | Refusal::Repeated(_) | Refusal::Version(_) => {
            error(StatusCode::BAD_REQUEST, &refusal.words())
        }
    }
}

fn error(status: StatusCode, words: &str) -> Response {
    let body = json!({
        "statusCode": status.as_u16(),
        "message": words,
        "correlationId": uuid::Uuid::new_v4().to_string(),
    });
    (status, Json(body)).into_response()
}
