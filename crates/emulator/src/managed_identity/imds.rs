//! The instance metadata service of virtual machines: every value a string,
//! errors as OAuth's with words of its own.

use axum::{
    Json,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Hosts,
    call::Call,
    issue::{Dialect, Granted, IdKind, Refusal, is_version_from},
};

const DIALECT: Dialect =
    Dialect { version: Some(|version| is_version_from("2018-02-01", version)), ids: &IDS };

/// Arc takes the same.
pub(super) const IDS: [(&str, IdKind); 3] = [
    ("client_id", IdKind::Client),
    ("object_id", IdKind::Object),
    ("msi_res_id", IdKind::Resource),
];

pub(super) fn answer(hosts: &Hosts, call: &Call) -> Response {
    if let Some(refused) = refuse_strangers(call) {
        return refused;
    }
    match hosts.grant(call, &DIALECT) {
        Ok(granted) => Json(document(&granted)).into_response(),
        Err(refusal) => refuse(&refusal),
    }
}

/// What every metadata service refuses before it looks at the request.
pub(super) fn refuse_strangers(call: &Call) -> Option<Response> {
    if call.method != Method::GET {
        let words = "Only GET is served here.";
        return Some(error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", words));
    }
    if call.is_forwarded() {
        let words = "A request with an X-Forwarded-For header is not served.";
        return Some(error(StatusCode::BAD_REQUEST, "invalid_request", words));
    }
    if !call.is_for_metadata() {
        let words = "The header 'Metadata: true' is missing.";
        return Some(error(StatusCode::BAD_REQUEST, "bad_request_102", words));
    }
    None
}

/// The answer with a token.
pub(super) fn document(granted: &Granted) -> Value {
    json!({
        "access_token": granted.token,
        "client_id": granted.client_id,
        "expires_in": granted.lifetime_seconds.to_string(),
        "expires_on": granted.expires_on.to_string(),
        "ext_expires_in": granted.lifetime_seconds.to_string(),
        "not_before": granted.not_before.to_string(),
        "resource": granted.resource,
        "token_type": "Bearer",
    })
}

/// The answer without one.
pub(super) fn refuse(refusal: &Refusal) -> Response {
    let (status, code) = match refusal {
        Refusal::Resource(_) => (StatusCode::BAD_REQUEST, "invalid_resource"),
        Refusal::Signing => (StatusCode::INTERNAL_SERVER_ERROR, "unknown"),
        Refusal::Missing(_) | Refusal::Repeated(_) | Refusal::Version(_) | Refusal::Identity => {
            (StatusCode::BAD_REQUEST, "invalid_request")
        }
    };
    error(status, code, &refusal.words())
}

pub(super) fn error(status: StatusCode, code: &str, words: &str) -> Response {
    (status, Json(json!({"error": code, "error_description": words}))).into_response()
}
