//! Models: upload, list, get, decommission, delete.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Page;
use crate::digital_twins::{
    Instance,
    dtdl::{self, Model, Refusal},
    errors::{ApiError, MOST_FAULTS},
    instance::State,
    rules::{
        ids,
        patch::{self, Edit, Operation},
    },
    store::{Change, ModelRecord},
    time::offset,
};

/// Which models to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelListing {
    /// Only these models and everything they reach by `extends` and component;
    /// all models if empty.
    pub dependencies_for: Vec<String>,
    /// Whether each item has its `model` member.
    pub include_definition: bool,
}

impl Instance {
    /// `DigitalTwinModels_Add`: stores all `documents` or none.
    pub fn create_models(&self, documents: &[Value]) -> Result<Vec<Value>, ApiError> {
        let limits = &self.config.limits;
        if documents.is_empty() {
            return Err(ApiError::invalid_argument("The list of models is empty."));
        }
        // An array in the array, say: not a matter of DTDL yet (azure-docs #80194).
        if let Some(place) = documents.iter().position(|document| !document.is_object()) {
            return Err(ApiError::invalid_argument(format!(
                "Item {place} of the list of models is not an object."
            )));
        }
        if documents.len() > limits.models_per_call {
            return Err(limit(format!(
                "{} models in one call, at most {} are allowed.",
                documents.len(),
                limits.models_per_call
            )));
        }
        let state = &mut *self.state_mut();
        let records = self.check_models(state, documents)?;
        let changes: Vec<Change> = records.iter().cloned().map(Change::PutModel).collect();
        self.apply(state, &changes)?;
        Ok(records.iter().map(|record| model_json(record, false)).collect())
    }

    /// Checks documents as one set against the stored models.
    pub(in crate::digital_twins) fn check_models(
        &self,
        state: &State,
        documents: &[Value],
    ) -> Result<Vec<Arc<ModelRecord>>, ApiError> {
        let limits = &self.config.limits;
        let ids = documents.iter().filter_map(|document| document.get("@id")?.as_str());
        let known: Vec<&str> = ids.filter(|id| state.tables().model(id).is_some()).collect();
        if !known.is_empty() {
            return Err(ApiError::conflict(
                "ModelAlreadyExists",
                format!("Some of the model ids already exist: {}.", known.join(", ")),
            ));
        }
        for document in documents {
            let bytes = document.to_string().len();
            if bytes > limits.model_bytes {
                return Err(limit(format!(
                    "A model has {bytes} bytes, at most {} are allowed.",
                    limits.model_bytes
                )));
            }
        }
        let total = state.tables().model_count().saturating_add(documents.len());
        if total > limits.models {
            return Err(limit(format!(
                "The instance would hold {total} models, at most {} are allowed.",
                limits.models
            )));
        }
        let models = dtdl::check(documents, &state.models()).map_err(refused)?;
        let upload_time = self.clock.now();
        Ok(models
            .into_iter()
            .zip(documents)
            .map(|(model, document)| record(model, document, upload_time))
            .collect())
    }

    /// `DigitalTwinModels_List`: the models after `after`, ordered by id.
    pub fn list_models(
        &self,
        listing: &ModelListing,
        after: Option<&str>,
        size: usize,
    ) -> Result<Page, ApiError> {
        let most = self.config.limits.dependencies_for;
        if listing.dependencies_for.len() > most {
            return Err(limit(format!("More than {most} ids in dependenciesFor.")));
        }
        let state = self.state();
        let item = |record: &Arc<ModelRecord>| {
            let id = record.model.id().to_owned();
            (id, model_json(record, listing.include_definition))
        };
        if listing.dependencies_for.is_empty() {
            return Ok(Page::take(state.tables().models(after).map(item), size));
        }
        let reached = reached(&state, &listing.dependencies_for)?;
        let reached = reached
            .iter()
            .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after))
            .map(|(_, record)| item(record));
        Ok(Page::take(reached, size))
    }

    /// `DigitalTwinModels_GetById`
    pub fn get_model(&self, id: &str, include_definition: bool) -> Result<Value, ApiError> {
        ids::check_model(id)?;
        Ok(model_json(find(&self.state(), id)?, include_definition))
    }

    /// `DigitalTwinModels_Update`: only `decommissioned` can be replaced.
    pub fn update_model(&self, id: &str, document: &Value) -> Result<(), ApiError> {
        ids::check_model(id)?;
        let operations = patch::read(document)?;
        let state = &mut *self.state_mut();
        let mut record = ModelRecord::clone(find(state, id)?);
        for operation in &operations {
            record.decommissioned = decommissioned(operation)?;
        }
        if record.decommissioned {
            let active: Vec<&str> = state
                .tables()
                .dependents(id)
                .filter(|id| state.tables().model(id).is_some_and(|model| !model.decommissioned))
                .collect();
            if !active.is_empty() {
                return Err(ApiError::conflict(
                    "ModelReferencesNotDecommissioned",
                    format!("Models that refer to {id} are active: {}.", active.join(", ")),
                ));
            }
        }
        self.apply(state, &[Change::PutModel(Arc::new(record))])
    }

    /// `DigitalTwinModels_Delete`. Twins of the model stay.
    pub fn delete_model(&self, id: &str) -> Result<(), ApiError> {
        ids::check_model(id)?;
        let state = &mut *self.state_mut();
        find(state, id)?;
        let users: Vec<&str> = state.tables().dependents(id).collect();
        if !users.is_empty() {
            return Err(ApiError::conflict(
                "ModelReferencesNotDeleted",
                format!("Models refer to {id}: {}.", users.join(", ")),
            ));
        }
        self.apply(state, &[Change::DeleteModel(id.to_owned())])
    }
}

fn find<'s>(state: &'s State, id: &str) -> Result<&'s Arc<ModelRecord>, ApiError> {
    state.tables().model(id).ok_or_else(|| missing(id))
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found("ModelNotFound", format!("The model {id} was not found."))
}

fn limit(message: String) -> ApiError {
    ApiError::bad_request("LimitExceeded", message)
}

fn record(model: Arc<Model>, document: &Value, upload_time: Timestamp) -> Arc<ModelRecord> {
    let document = Arc::new(document.clone());
    Arc::new(ModelRecord { model, document, upload_time, decommissioned: false })
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::InvalidId(id) => ApiError::invalid_argument(format!("{id:?} is not a model id.")),
        Refusal::VersionNotSupported { model, context } => ApiError::bad_request(
            "ModelVersionNotSupported",
            format!("{model}: {context} is not supported; use version 2 or 3."),
        ),
        Refusal::Faults(faults) => {
            let told: Vec<String> =
                faults.iter().take(MOST_FAULTS).map(ToString::to_string).collect();
            let more = match faults.len().saturating_sub(told.len()) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            ApiError::bad_request(
                "DTDLParserError",
                format!("The models are not valid DTDL: {}{more}", told.join("; ")),
            )
        }
    }
}

/// The one operation that a model takes.
fn decommissioned(operation: &Operation) -> Result<bool, ApiError> {
    match (&operation.edit, operation.path.as_slice()) {
        (Edit::Replace(Value::Bool(value)), [path]) if path == "decommissioned" => Ok(*value),
        _ => Err(ApiError::json_patch(
            "A model takes only a replace of /decommissioned by true or false.",
        )),
    }
}

/// The named models and everything they need, ordered by id.
fn reached(
    state: &State,
    named: &[String],
) -> Result<BTreeMap<String, Arc<ModelRecord>>, ApiError> {
    let mut reached = BTreeMap::new();
    let mut waiting: BTreeSet<String> = BTreeSet::new();
    for id in named {
        ids::check_model(id)?;
        find(state, id)?;
        waiting.insert(id.clone());
    }
    while let Some(id) = waiting.pop_first() {
        let Some(record) = state.tables().model(&id) else { continue };
        for needed in record.model.dependencies() {
            if !reached.contains_key(needed) {
                waiting.insert(needed.to_owned());
            }
        }
        reached.insert(id, Arc::clone(record));
    }
    Ok(reached)
}

/// A model as the platform describes it; `model` only if asked for.
fn model_json(record: &ModelRecord, include_definition: bool) -> Value {
    let mut json = Map::new();
    json.insert("displayName".into(), record.model.display_name().clone());
    json.insert("description".into(), record.model.description().clone());
    json.insert("id".into(), record.model.id().into());
    json.insert("uploadTime".into(), offset(record.upload_time).into());
    json.insert("decommissioned".into(), record.decommissioned.into());
    if include_definition {
        json.insert("model".into(), Value::clone(&record.document));
    }
    Value::Object(json)
}
