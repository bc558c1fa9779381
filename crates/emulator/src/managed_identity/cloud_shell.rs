//! Cloud Shell: a form, no version, and no identity but that of whoever sits in
//! front of it.

use axum::{
    Json,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};

use super::{Hosts, call::Call, imds, issue::Dialect};

const DIALECT: Dialect = Dialect { version: None, ids: &[] };

/// Parameters by which the other hosts choose an identity.
const CHOICES: [&str; 6] =
    ["client_id", "object_id", "msi_res_id", "mi_res_id", "principal_id", "clientid"];

pub(super) fn answer(hosts: &Hosts, call: &Call) -> Response {
    if call.method != Method::POST {
        let words = "Only POST is served here.";
        return imds::error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", words);
    }
    if !call.is_for_metadata() {
        let words = "The header 'Metadata: true' is missing.";
        return imds::error(StatusCode::BAD_REQUEST, "bad_request_102", words);
    }
    if CHOICES.iter().any(|name| call.field(name) != Ok(None)) {
        let words = "Cloud Shell has no user-assigned identities.";
        return imds::error(StatusCode::BAD_REQUEST, "invalid_request", words);
    }
    match hosts.grant(call, &DIALECT) {
        Ok(granted) => Json(imds::document(&granted)).into_response(),
        Err(refusal) => imds::refuse(&refusal),
    }
}
