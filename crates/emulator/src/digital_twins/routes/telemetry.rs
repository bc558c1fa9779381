//! `DigitalTwins_SendTelemetry`, `_SendComponentTelemetry`

use axum::response::Response;

use super::{answer, call::Call};
use crate::digital_twins::errors::ApiError;

pub(super) fn send(call: &Call, twin: &str, component: Option<&str>) -> Result<Response, ApiError> {
    call.instance.send_telemetry(
        twin,
        component,
        call.header("message-id"),
        call.header("telemetry-source-time"),
        &call.json()?,
        call.trace(),
    )?;
    Ok(answer::no_content())
}
