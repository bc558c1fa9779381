//! The last value of a kind of telemetry. Our choice: 404 as long as there is
//! none, as for telemetry that the template does not know.

use serde_json::json;

use super::device;
use crate::iot_central::{
    ApiError,
    access::Access,
    routes::{Answer, Call, nothing_here},
    twin::Place,
};

pub(super) fn answer(call: &Call, id: &str, place: &Place, name: &str) -> Result<Answer, ApiError> {
    if call.method() != "GET" {
        return Err(nothing_here());
    }
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    if state.interface(id, place)?.find("Telemetry", name).is_none() {
        return Err(ApiError::no_such("telemetry", name));
    }
    let part = state.twins.get(id).and_then(|twin| twin.part(place));
    let last = part.and_then(|part| part.telemetry.last(name)).ok_or_else(|| {
        ApiError::not_found(format!("There is no value of {name:?} yet: {place} has sent none."))
    })?;
    Ok(Answer::ok(json!({"value": last.value, "timestamp": format!("{:.3}", last.at)})))
}
