//! Azure Arc: who asks must be able to read a file on the machine.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    Hosts,
    call::Call,
    imds,
    issue::{Dialect, Granted, is_version_from},
};

const DIALECT: Dialect =
    Dialect { version: Some(|version| is_version_from("2019-11-01", version)), ids: &imds::IDS };

pub(super) fn answer(hosts: &Hosts, call: &Call) -> Response {
    if let Some(refused) = imds::refuse_strangers(call) {
        return refused;
    }
    if !call.basic().is_some_and(|key| hosts.keys.redeem(key)) {
        return challenge(hosts);
    }
    match hosts.grant(call, &DIALECT) {
        Ok(granted) => Json(document(granted)).into_response(),
        Err(refusal) => imds::refuse(&refusal),
    }
}

fn challenge(hosts: &Hosts) -> Response {
    let made = hosts.keys.issue().and_then(|path| {
        HeaderValue::try_from(format!("Basic realm={}", path.display()))
            .map_err(std::io::Error::other)
    });
    match made {
        Ok(value) => {
            let words = "Repeat the request with the text of the key file.";
            let mut response = imds::error(StatusCode::UNAUTHORIZED, "unauthorized", words);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
            response
        }
        Err(error) => {
            let words = format!("The key file could not be written: {error}.");
            imds::error(StatusCode::INTERNAL_SERVER_ERROR, "unknown", &words)
        }
    }
}

/// The metadata service's document, with the id by which the identity was asked
/// for: clients take no other's token for it.
fn document(granted: Granted) -> Value {
    let mut document = imds::document(&granted);
    if let (Some((name, id)), Some(members)) = (granted.asked_by, document.as_object_mut()) {
        members.insert(name.to_owned(), id.into());
    }
    document
}
