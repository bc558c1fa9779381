//! Twins: get, put, patch, delete.

use std::sync::Arc;

use serde_json::{Value, json};

use super::object;
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    events::Happening,
    instance::State,
    rules::{
        conditions::{IfMatch, IfNoneMatch, new_etag},
        draft::Draft,
        ids, patch,
        patch::Operation,
        twin, twin_patch,
    },
    store::{Change, TwinRecord},
};

impl Instance {
    /// `DigitalTwins_GetById`: the twin, whose `$etag` is its etag.
    pub fn get_twin(&self, id: &str) -> Result<Arc<TwinRecord>, ApiError> {
        self.check_twin_id(id)?;
        find(&self.state(), id).cloned()
    }

    /// `DigitalTwins_Add`: creates the twin, or replaces it unless
    /// `if_none_match` says otherwise.
    pub fn put_twin(
        &self,
        id: &str,
        body: &Value,
        if_none_match: IfNoneMatch,
        trace: Option<&str>,
    ) -> Result<Arc<TwinRecord>, ApiError> {
        let state = &mut *self.state_mut();
        let old = state.tables().twin_record(id).cloned();
        if_none_match.check(old.is_some())?;
        let record = self.check_new_twin(state, id, body)?;
        self.apply(state, &[Change::PutTwin(Arc::clone(&record))])?;
        let what = match &old {
            None => Happening::TwinCreated { twin: id, document: &record.document },
            Some(old) => Happening::TwinUpdated {
                twin: id,
                model: &record.model,
                patch: difference(&old.document, &record.document),
            },
        };
        self.tell(state, what, trace);
        Ok(record)
    }

    /// Checks a document that is to become the twin `id`.
    pub(in crate::digital_twins) fn check_new_twin(
        &self,
        state: &State,
        id: &str,
        body: &Value,
    ) -> Result<Arc<TwinRecord>, ApiError> {
        self.check_twin_id(id)?;
        let body = object(body, "digital twin")?;
        let mut faults = Vec::new();
        let Some(mut draft) = Draft::read(body, &mut faults) else {
            return Err(ApiError::validation("digital twin", faults));
        };
        let old = state.tables().twin_record(id);
        // Existing twins of a decommissioned model keep working.
        let moved = old.is_none_or(|old| *old.model != *draft.model);
        let model = state.tables().model(&draft.model);
        if moved && model.is_some_and(|model| model.decommissioned) {
            return Err(ApiError::bad_request(
                "ModelDecommissioned",
                format!("The model {} is decommissioned.", draft.model),
            ));
        }
        let limits = &self.config.limits;
        faults.extend(twin::faults(&draft, &state.models(), limits));
        if !faults.is_empty() {
            return Err(ApiError::validation("digital twin", faults));
        }
        if old.is_none() && state.tables().twins_len() >= limits.twins {
            return Err(ApiError::bad_request(
                "TwinLimitReached",
                format!("The instance holds {} twins, the most allowed.", limits.twins),
            ));
        }
        draft.stamp(&self.now());
        self.finished_twin(id, draft)
    }

    /// `DigitalTwins_Update`: the new etag.
    pub fn update_twin(
        &self,
        id: &str,
        document: &Value,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<String, ApiError> {
        self.check_twin_id(id)?;
        let operations = patch::read(document)?;
        let told = document.as_array().cloned().unwrap_or_default();
        self.patch_twin(id, &operations, told, if_match, trace)
    }

    /// Patches a twin, whichever way the operations came.
    pub(super) fn patch_twin(
        &self,
        id: &str,
        operations: &[Operation],
        told: Vec<Value>,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<String, ApiError> {
        let state = &mut *self.state_mut();
        let old = Arc::clone(find(state, id)?);
        if_match.check(&old.etag)?;
        let mut draft = stored_draft(&old)?;
        let limits = &self.config.limits;
        twin_patch::apply(&mut draft, operations, &state.models(), limits, &self.now())?;
        let model = state.tables().model(&draft.model);
        if *old.model != *draft.model && model.is_some_and(|model| model.decommissioned) {
            let fault = format!("the model {} is decommissioned", draft.model);
            return Err(ApiError::validation("digital twin", vec![fault]));
        }
        let record = self.finished_twin(id, draft)?;
        self.apply(state, &[Change::PutTwin(Arc::clone(&record))])?;
        let what = Happening::TwinUpdated { twin: id, model: &record.model, patch: told };
        self.tell(state, what, trace);
        Ok(record.etag.clone())
    }

    /// `DigitalTwins_Delete`
    pub fn delete_twin(
        &self,
        id: &str,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<(), ApiError> {
        self.check_twin_id(id)?;
        let state = &mut *self.state_mut();
        let old = Arc::clone(find(state, id)?);
        if_match.check(&old.etag)?;
        let (outgoing, incoming) = state.tables().degree(id);
        if outgoing > 0 || incoming > 0 {
            return Err(ApiError::bad_request(
                "RelationshipsNotDeleted",
                format!(
                    "The digital twin {id} has {outgoing} outgoing and {incoming} incoming \
                     relationships, which must be deleted first."
                ),
            ));
        }
        self.apply(state, &[Change::DeleteTwin(id.to_owned())])?;
        self.tell(state, Happening::TwinDeleted { twin: id, document: &old.document }, trace);
        Ok(())
    }

    pub(super) fn check_twin_id(&self, id: &str) -> Result<(), ApiError> {
        ids::check("digital twin", id, self.config.limits.id_chars)
    }

    /// The record of a checked draft, unless it is too large.
    fn finished_twin(&self, id: &str, draft: Draft) -> Result<Arc<TwinRecord>, ApiError> {
        let etag = new_etag();
        let model = draft.model.as_str().into();
        let document = draft.document(id, &etag);
        let bytes = document.to_string().len();
        let most = self.config.limits.payload_bytes;
        if bytes > most {
            let fault = format!("the digital twin has {bytes} bytes, at most {most} are allowed");
            return Err(ApiError::validation("digital twin", vec![fault]));
        }
        Ok(Arc::new(TwinRecord { id: id.into(), model, etag, document }))
    }
}

/// The twin, or 404.
pub(super) fn find<'s>(state: &'s State, id: &str) -> Result<&'s Arc<TwinRecord>, ApiError> {
    state.tables().twin_record(id).ok_or_else(|| {
        ApiError::not_found(
            "DigitalTwinNotFound",
            format!("There is no digital twin with the id {id}."),
        )
    })
}

/// A stored twin, taken apart again.
fn stored_draft(record: &TwinRecord) -> Result<Draft, ApiError> {
    let mut faults = Vec::new();
    record
        .document
        .as_object()
        .and_then(|document| Draft::read(document, &mut faults))
        .ok_or_else(|| ApiError::validation("stored digital twin", faults))
}

/// A replacement told as a patch: what is new or changed, what is gone.
pub(super) fn difference(old: &Value, new: &Value) -> Vec<Value> {
    let path = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let members = |document: &Value| -> Vec<(String, Value)> {
        document
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !name.starts_with('$'))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let mut patch = Vec::new();
    for (name, value) in members(new) {
        match old.get(&name) {
            Some(before) if *before == value => {}
            Some(_) => {
                patch.push(json!({"value": value, "path": path(&name), "op": "replace"}));
            }
            None => patch.push(json!({"value": value, "path": path(&name), "op": "add"})),
        }
    }
    for (name, _) in members(old) {
        if new.get(&name).is_none() {
            patch.push(json!({"path": path(&name), "op": "remove"}));
        }
    }
    patch
}
