//! What a device needs to connect: the scope of the application, and how it
//! proves who it is. Without an attestation of its own that is a key derived from
//! those of the default group.

use serde_json::{Value, json};

use super::{attestation, device};
use crate::iot_central::{
    ApiError,
    access::Access,
    routes::{Answer, Call, nothing_here},
    state::{Document, State},
    twin::derive,
};

pub(super) fn answer(call: &Call, id: &str) -> Result<Answer, ApiError> {
    if call.method() != "GET" {
        return Err(nothing_here());
    }
    let state = call.application.read();
    device(call, &state, id, Access::Write)?;
    let mut members = Document::new();
    members.insert("idScope".to_owned(), state.connection_keys.id_scope.clone().into());
    match state.twins.get(id).and_then(|twin| twin.attestation.as_ref()) {
        None => {
            members.insert("symmetricKey".to_owned(), derived(&state, id));
        }
        Some(own) => {
            let mut shown = attestation::shown(&own.0);
            shown.shift_remove("type");
            members.extend(shown);
        }
    }
    Ok(Answer::ok(members.into()))
}

fn derived(state: &State, id: &str) -> Value {
    let keys = &state.connection_keys;
    json!({
        "primaryKey": derive(&keys.primary_key, id),
        "secondaryKey": derive(&keys.secondary_key, id),
    })
}
