//! Telemetry: told as an event, never stored, not checked against the model.

use serde_json::Value;

use super::{
    components::{component_missing, component_of},
    twins::find,
};
use crate::digital_twins::{Instance, errors::ApiError, events::Happening, rules::formats};

impl Instance {
    /// `DigitalTwins_SendTelemetry` and, with a component,
    /// `DigitalTwins_SendComponentTelemetry`.
    pub fn send_telemetry(
        &self,
        id: &str,
        component: Option<&str>,
        message_id: Option<&str>,
        source_time: Option<&str>,
        payload: &Value,
        trace: Option<&str>,
    ) -> Result<(), ApiError> {
        self.check_twin_id(id)?;
        if let Some(component) = component {
            self.check_component_name(component)?;
        }
        let message_id = message_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| {
            ApiError::invalid_argument("The Message-Id header is missing or empty.")
        })?;
        if source_time.is_some_and(|time| !formats::is_date_time(time)) {
            return Err(ApiError::invalid_argument(
                "The Telemetry-Source-Time header is not a date and time with offset.",
            ));
        }
        if !payload.is_object() {
            let fault = "the payload must be a JSON object".to_owned();
            return Err(ApiError::validation("telemetry", vec![fault]));
        }
        let (bytes, most) = (payload.to_string().len(), self.config.limits.payload_bytes);
        if bytes > most {
            let fault = format!("the payload has {bytes} bytes, at most {most} are allowed");
            return Err(ApiError::validation("telemetry", vec![fault]));
        }
        let state = &mut *self.state_mut();
        let twin = find(state, id)?.clone();
        if let Some(component) = component
            && component_of(&twin, component).is_none()
        {
            return Err(component_missing(id, component));
        }
        let what = Happening::Telemetry {
            twin: id,
            component: component.unwrap_or_default(),
            model: &twin.model,
            message_id,
            time: source_time,
            payload,
        };
        self.tell(state, what, trace);
        Ok(())
    }
}
