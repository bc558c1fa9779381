//! Relationships: get, put, patch, delete, and the two lists.

use std::sync::Arc;

use serde_json::Value;

use super::{Page, object, twins::find};
use crate::digital_twins::{
    Instance,
    dtdl::Model,
    errors::ApiError,
    events::Happening,
    instance::State,
    query::graph::RelationshipKey,
    rules::{
        conditions::{IfMatch, IfNoneMatch, new_etag},
        ids, patch,
        relationship::Draft,
    },
    store::{Change, RelationshipRecord},
};

impl Instance {
    /// `DigitalTwins_GetRelationshipById`
    pub fn get_relationship(
        &self,
        source: &str,
        id: &str,
    ) -> Result<Arc<RelationshipRecord>, ApiError> {
        self.check_relationship_ids(source, id)?;
        let state = self.state();
        find(&state, source)?;
        relationship(&state, source, id).cloned()
    }

    /// `DigitalTwins_AddRelationship`
    pub fn put_relationship(
        &self,
        source: &str,
        id: &str,
        body: &Value,
        if_none_match: IfNoneMatch,
        trace: Option<&str>,
    ) -> Result<Arc<RelationshipRecord>, ApiError> {
        self.check_relationship_ids(source, id)?;
        let state = &mut *self.state_mut();
        find(state, source)?;
        let old = state.tables().relationship_record(source, id).cloned();
        if_none_match.check(old.is_some())?;
        let record = self.check_new_relationship(state, source, id, body)?;
        self.apply(state, &[Change::PutRelationship(Arc::clone(&record))])?;
        let model = find(state, source)?.model.clone();
        let what = match &old {
            None => Happening::RelationshipCreated { twin: source, id, document: &record.document },
            Some(old) => Happening::RelationshipUpdated {
                twin: source,
                id,
                model: &model,
                patch: super::twins::difference(&old.document, &record.document),
            },
        };
        self.tell(state, what, trace);
        Ok(record)
    }

    /// Checks a document that is to become a relationship.
    pub(in crate::digital_twins) fn check_new_relationship(
        &self,
        state: &State,
        source: &str,
        id: &str,
        body: &Value,
    ) -> Result<Arc<RelationshipRecord>, ApiError> {
        self.check_relationship_ids(source, id)?;
        let draft = Draft::read(object(body, "relationship")?)?;
        if draft.target == source {
            return Err(ApiError::bad_request(
                "OperationNotAllowed",
                "A relationship cannot lead from a digital twin to itself.",
            ));
        }
        let model = source_model(state, source)?;
        let limits = &self.config.limits;
        draft.check(&model, limits)?;
        let target = state.tables().twin_record(&draft.target).ok_or_else(|| {
            ApiError::not_found(
                self.config.spelling.target_twin_not_found,
                format!("There is no digital twin with the id {} to lead to.", draft.target),
            )
        })?;
        // What a twin was whose model is gone cannot be judged.
        if let Some(target) = state.tables().definition(&target.model) {
            draft.check_target(&model, &target)?;
        }
        let old = state.tables().relationship_record(source, id);
        let most = limits.relationships_per_twin;
        let full = state.tables().degree(source).0 >= most
            || state.tables().degree(&draft.target).1 >= most
            || state.tables().relationships_len() >= limits.relationships;
        if old.is_none() && full {
            let fault = "the most relationships allowed are reached".to_owned();
            return Err(ApiError::validation("relationship", vec![fault]));
        }
        finished(source, id, draft, limits.payload_bytes)
    }

    /// `DigitalTwins_UpdateRelationship`: the new etag.
    pub fn update_relationship(
        &self,
        source: &str,
        id: &str,
        document: &Value,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<String, ApiError> {
        self.check_relationship_ids(source, id)?;
        let operations = patch::read(document)?;
        let state = &mut *self.state_mut();
        find(state, source)?;
        let old = Arc::clone(relationship(state, source, id)?);
        if_match.check(&old.etag)?;
        let model = source_model(state, source)?;
        let stored = object(&old.document, "stored relationship")?;
        let mut draft = Draft::read(stored)?;
        draft.patch(&operations)?;
        let limits = &self.config.limits;
        draft.check(&model, limits)?;
        let record = finished(source, id, draft, limits.payload_bytes)?;
        self.apply(state, &[Change::PutRelationship(Arc::clone(&record))])?;
        let patch = document.as_array().cloned().unwrap_or_default();
        let what = Happening::RelationshipUpdated { twin: source, id, model: model.id(), patch };
        self.tell(state, what, trace);
        Ok(record.etag.clone())
    }

    /// `DigitalTwins_DeleteRelationship`
    pub fn delete_relationship(
        &self,
        source: &str,
        id: &str,
        if_match: &IfMatch,
        trace: Option<&str>,
    ) -> Result<(), ApiError> {
        self.check_relationship_ids(source, id)?;
        let state = &mut *self.state_mut();
        find(state, source)?;
        let old = Arc::clone(relationship(state, source, id)?);
        if_match.check(&old.etag)?;
        let change = Change::DeleteRelationship { source: source.to_owned(), id: id.to_owned() };
        self.apply(state, &[change])?;
        let what = Happening::RelationshipDeleted { twin: source, id, document: &old.document };
        self.tell(state, what, trace);
        Ok(())
    }

    /// `DigitalTwins_ListRelationships`: those after `after`, ordered by id.
    pub fn list_relationships(
        &self,
        source: &str,
        name: Option<&str>,
        after: Option<&str>,
    ) -> Result<Page, ApiError> {
        self.check_twin_id(source)?;
        let state = self.state();
        find(&state, source)?;
        let listed = state
            .tables()
            .relationships_of(source, after)
            .filter(|record| name.is_none_or(|name| *record.name == *name))
            .map(|record| (record.id.to_string(), record.document.clone()));
        Ok(Page::take(listed, self.config.pages.relationships))
    }

    /// `DigitalTwins_ListIncomingRelationships`: source, id and name of each, in
    /// the order name, source, id; `after` is such a triple.
    pub fn list_incoming(
        &self,
        target: &str,
        after: Option<&(String, String, String)>,
    ) -> Result<(Vec<Arc<RelationshipRecord>>, bool), ApiError> {
        self.check_twin_id(target)?;
        let state = self.state();
        find(&state, target)?;
        let from = after.map(|(name, source, id)| RelationshipKey { name, source, id });
        let mut listed = state.tables().incoming_records(target, None, from).skip_while(|record| {
            after.is_some_and(|(name, source, id)| {
                (&*record.name, &*record.source, &*record.id)
                    == (name.as_str(), source.as_str(), id.as_str())
            })
        });
        let size = self.config.pages.relationships;
        let page: Vec<_> = listed.by_ref().take(size).cloned().collect();
        Ok((page, listed.next().is_some()))
    }

    fn check_relationship_ids(&self, source: &str, id: &str) -> Result<(), ApiError> {
        self.check_twin_id(source)?;
        ids::check("relationship", id, self.config.limits.id_chars)
    }
}

fn relationship<'s>(
    state: &'s State,
    source: &str,
    id: &str,
) -> Result<&'s Arc<RelationshipRecord>, ApiError> {
    state.tables().relationship_record(source, id).ok_or_else(|| {
        ApiError::not_found(
            "RelationshipNotFound",
            format!("The digital twin {source} has no relationship with the id {id}."),
        )
    })
}

/// The model of the source. If it is gone, nothing can be said of the
/// relationships of its twins.
fn source_model(state: &State, source: &str) -> Result<Arc<Model>, ApiError> {
    let model = &find(state, source)?.model;
    state.tables().definition(model).ok_or_else(|| {
        let fault = format!("the model {model} of the source is not known");
        ApiError::validation("relationship", vec![fault])
    })
}

fn finished(
    source: &str,
    id: &str,
    draft: Draft,
    most: usize,
) -> Result<Arc<RelationshipRecord>, ApiError> {
    let etag = new_etag();
    let (name, target) = (draft.name.as_str().into(), draft.target.as_str().into());
    let document = draft.document(source, id, &etag);
    let bytes = document.to_string().len();
    if bytes > most {
        let fault = format!("the relationship has {bytes} bytes, at most {most} are allowed");
        return Err(ApiError::validation("relationship", vec![fault]));
    }
    let (source, id) = (source.into(), id.into());
    Ok(Arc::new(RelationshipRecord { source, id, name, target, etag, document }))
}
