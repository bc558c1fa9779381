//! Components of a twin: get and patch. Their etag is that of the whole twin.

use std::sync::Arc;

use serde_json::Value;

use super::twins::find;
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    rules::{
        conditions::IfMatch,
        ids,
        patch::{self, Operation},
    },
    store::TwinRecord,
};

impl Instance {
    /// `DigitalTwins_GetComponent`: the component and the etag of its twin.
    pub fn get_component(&self, id: &str, component: &str) -> Result<(Value, String), ApiError> {
        self.check_twin_id(id)?;
        self.check_component_name(component)?;
        let state = self.state();
        let record = find(&state, id)?;
        let document =
            component_of(record, component).ok_or_else(|| component_missing(id, component))?;
        Ok((document.clone(), record.etag.clone()))
    }

    /// `DigitalTwins_UpdateComponent`: the new etag of the twin. An unknown
    /// component is a patch that cannot be applied, not a 404.
    pub fn update_component(
        &self,
        id: &str,
        component: &str,
        document: &Value,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<String, ApiError> {
        self.check_twin_id(id)?;
        self.check_component_name(component)?;
        let mut operations = patch::read(document)?;
        for operation in &mut operations {
            operation.path.insert(0, component.to_owned());
        }
        let twin: Arc<TwinRecord> = self.get_twin(id)?;
        if component_of(&twin, component).is_none() {
            return Err(ApiError::json_patch(format!(
                "The digital twin {id} has no component {component}."
            )));
        }
        let told = told(&operations, document);
        self.patch_twin(id, &operations, told, if_match, trace)
    }

    pub(super) fn check_component_name(&self, name: &str) -> Result<(), ApiError> {
        ids::check("component", name, self.config.limits.name_bytes)
    }
}

/// The document of a component: an object with `$metadata`.
pub(super) fn component_of<'r>(record: &'r TwinRecord, name: &str) -> Option<&'r Value> {
    if name.starts_with('$') {
        return None;
    }
    record.document.get(name).filter(|value| value.get("$metadata").is_some())
}

pub(super) fn component_missing(id: &str, component: &str) -> ApiError {
    ApiError::not_found(
        "ComponentNotFound",
        format!("The digital twin {id} has no component {component}."),
    )
}

/// The patch with paths from the twin down, as events tell it.
fn told(operations: &[Operation], document: &Value) -> Vec<Value> {
    let sent = document.as_array().cloned().unwrap_or_default();
    sent.into_iter()
        .zip(operations)
        .map(|(mut sent, operation)| {
            if let Some(path) = sent.get_mut("path") {
                let parts = operation
                    .path
                    .iter()
                    .map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")));
                *path = Value::String(parts.collect());
            }
            sent
        })
        .collect()
}
