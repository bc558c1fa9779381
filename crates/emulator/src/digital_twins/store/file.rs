//! A store that writes changes down before it applies them.

use std::{io, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Change, Store, Tables,
    records::{EventRouteRecord, JobRecord, ModelRecord, RelationshipRecord, TwinRecord},
};
use crate::{
    data::{Commit, Data, DataError, Entry, Journal, Lines},
    digital_twins::{dtdl, filters},
};

const MODELS: &str = "models";
const TWINS: &str = "twins";
const RELATIONSHIPS: &str = "relationships";
const EVENT_ROUTES: &str = "eventRoutes";
const IMPORT_JOBS: &str = "importJobs";
const DELETE_JOBS: &str = "deleteJobs";
const ENDPOINTS: &str = "endpoints";

/// A store in a folder.
#[derive(Debug)]
pub(crate) struct FileStore {
    tables: Tables,
    journal: Journal,
}

impl FileStore {
    /// Takes up what is kept of an instance, or else keeps `tables` from now on. `None`:
    /// there is no folder.
    pub(crate) fn open(
        data: &Data,
        part: &str,
        tables: &Tables,
    ) -> Result<Option<Self>, DataError> {
        if !data.has(part) {
            let journal = data.create(part, |lines| write_all(tables, lines))?;
            return Ok(journal.map(|journal| Self { tables: tables.clone(), journal }));
        }
        let mut tables = Tables::default();
        let journal = data.load(part, &mut |entries| take_up(&mut tables, entries))?;
        Ok(journal.map(|journal| Self { tables, journal }))
    }
}

impl Store for FileStore {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    fn apply(&mut self, changes: &[Change]) -> io::Result<()> {
        let mut commit = Commit::default();
        for change in changes {
            note(change, &mut commit);
        }
        if !commit.is_empty() {
            self.journal.append(commit)?;
        }
        for change in changes {
            self.tables.apply(change);
        }
        if self.journal.is_long() {
            let tables = &self.tables;
            self.journal.rewrite(|lines| write_all(tables, lines));
        }
        Ok(())
    }
}

/// A model as it is written down; what else is known of it follows from its document.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptModel<D> {
    document: D,
    upload_time: Timestamp,
    decommissioned: bool,
}

#[derive(Serialize, Deserialize)]
struct KeptRoute<T> {
    endpoint: T,
    filter: T,
}

fn note(change: &Change, commit: &mut Commit) {
    match change {
        Change::PutModel(record) => put_model(record, commit),
        Change::DeleteModel(id) => commit.take(MODELS, id),
        Change::PutTwin(record) => put_twin(record, commit),
        Change::DeleteTwin(id) => commit.take(TWINS, id),
        Change::PutRelationship(record) => put_relationship(record, commit),
        Change::DeleteRelationship { source, id } => commit.take(RELATIONSHIPS, &(source, id)),
        Change::PutEventRoute(record) => put_event_route(record, commit),
        Change::DeleteEventRoute(id) => commit.take(EVENT_ROUTES, id),
        Change::PutImportJob(job) => commit.put(IMPORT_JOBS, &job.id, &**job),
        Change::DeleteImportJob(id) => commit.take(IMPORT_JOBS, id),
        Change::PutDeleteJob(job) => commit.put(DELETE_JOBS, &job.id, &**job),
        Change::DeleteDeleteJob(id) => commit.take(DELETE_JOBS, id),
        Change::PutEndpoint(name) => commit.put(ENDPOINTS, name, &()),
    }
}

fn put_model(record: &ModelRecord, commit: &mut Commit) {
    let kept = KeptModel {
        document: &*record.document,
        upload_time: record.upload_time,
        decommissioned: record.decommissioned,
    };
    commit.put(MODELS, &record.model.id(), &kept);
}

fn put_twin(record: &TwinRecord, commit: &mut Commit) {
    commit.put(TWINS, &&*record.id, &record.document);
}

fn put_relationship(record: &RelationshipRecord, commit: &mut Commit) {
    commit.put(RELATIONSHIPS, &(&*record.source, &*record.id), &record.document);
}

fn put_event_route(record: &EventRouteRecord, commit: &mut Commit) {
    let kept = KeptRoute { endpoint: &record.endpoint, filter: &record.filter_text };
    commit.put(EVENT_ROUTES, &record.id, &kept);
}

/// All tables. Models are one change, as they may need each other.
fn write_all(tables: &Tables, lines: &mut Lines<'_>) -> io::Result<()> {
    let mut one = |note: &dyn Fn(&mut Commit)| {
        let mut commit = Commit::default();
        note(&mut commit);
        lines.write(commit)
    };
    one(&|commit| tables.models(None).for_each(|record| put_model(record, commit)))?;
    for record in tables.twin_records(None) {
        one(&|commit| put_twin(record, commit))?;
    }
    for record in tables.relationship_records(None) {
        one(&|commit| put_relationship(record, commit))?;
    }
    for name in tables.endpoints() {
        one(&|commit| commit.put(ENDPOINTS, name, &()))?;
    }
    for record in tables.event_routes(None) {
        one(&|commit| put_event_route(record, commit))?;
    }
    for job in tables.import_jobs().values() {
        one(&|commit| commit.put(IMPORT_JOBS, &job.id, &**job))?;
    }
    for job in tables.delete_jobs().values() {
        one(&|commit| commit.put(DELETE_JOBS, &job.id, &**job))?;
    }
    Ok(())
}

/// Applies one change that was written down.
fn take_up(tables: &mut Tables, entries: Vec<Entry>) -> Result<(), String> {
    let is_model = |entry: &Entry| entry.piece == MODELS && !entry.is_gone;
    let (models, others): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_model);
    for record in take_up_models(tables, models)? {
        tables.apply(&Change::PutModel(record));
    }
    for entry in others {
        let (piece, key) = (entry.piece.clone(), entry.key.to_string());
        let change = change(entry).map_err(|fault| format!("{piece} {key}: {fault}"))?;
        tables.apply(&change);
    }
    Ok(())
}

fn take_up_models(tables: &Tables, entries: Vec<Entry>) -> Result<Vec<Arc<ModelRecord>>, String> {
    let mut records = Vec::new();
    let mut new = Vec::new();
    for entry in entries {
        let kept: KeptModel<Value> = read(entry.value)?;
        let known = kept.document.get("@id").and_then(Value::as_str).map(|id| tables.model(id));
        match known.flatten() {
            // A model never changes but for this.
            Some(record) => {
                let decommissioned = kept.decommissioned;
                records
                    .push(Arc::new(ModelRecord { decommissioned, ..ModelRecord::clone(record) }));
            }
            None => new.push(kept),
        }
    }
    let documents: Vec<Value> = new.iter().map(|kept| kept.document.clone()).collect();
    let models = dtdl::check(&documents, &|id| tables.definition(id))
        .map_err(|_| "a model that is no longer taken".to_owned())?;
    records.extend(models.into_iter().zip(new).map(|(model, kept)| {
        Arc::new(ModelRecord {
            model,
            document: Arc::new(kept.document),
            upload_time: kept.upload_time,
            decommissioned: kept.decommissioned,
        })
    }));
    Ok(records)
}

fn change(entry: Entry) -> Result<Change, String> {
    let Entry { piece, key, value, is_gone } = entry;
    Ok(match (piece.as_str(), is_gone) {
        (MODELS, true) => Change::DeleteModel(read(key)?),
        (TWINS, false) => Change::PutTwin(Arc::new(twin(value)?)),
        (TWINS, true) => Change::DeleteTwin(read(key)?),
        (RELATIONSHIPS, false) => Change::PutRelationship(Arc::new(relationship(value)?)),
        (RELATIONSHIPS, true) => {
            let (source, id) = read(key)?;
            Change::DeleteRelationship { source, id }
        }
        (EVENT_ROUTES, false) => {
            let KeptRoute::<String> { endpoint, filter: filter_text } = read(value)?;
            let filter = filters::parse(&filter_text).map_err(|error| error.to_string())?;
            let (id, filter) = (read(key)?, Arc::new(filter));
            Change::PutEventRoute(Arc::new(EventRouteRecord { id, endpoint, filter_text, filter }))
        }
        (EVENT_ROUTES, true) => Change::DeleteEventRoute(read(key)?),
        (IMPORT_JOBS, false) => Change::PutImportJob(Arc::new(read::<JobRecord>(value)?)),
        (IMPORT_JOBS, true) => Change::DeleteImportJob(read(key)?),
        (DELETE_JOBS, false) => Change::PutDeleteJob(Arc::new(read::<JobRecord>(value)?)),
        (DELETE_JOBS, true) => Change::DeleteDeleteJob(read(key)?),
        (ENDPOINTS, false) => Change::PutEndpoint(read(key)?),
        _ => return Err("this version does not know it".to_owned()),
    })
}

fn twin(document: Value) -> Result<TwinRecord, String> {
    let model = document.pointer("/$metadata/$model").and_then(Value::as_str);
    Ok(TwinRecord {
        id: text(&document, "$dtId")?.into(),
        model: model.ok_or("no $model")?.into(),
        etag: text(&document, "$etag")?.to_owned(),
        document,
    })
}

fn relationship(document: Value) -> Result<RelationshipRecord, String> {
    Ok(RelationshipRecord {
        source: text(&document, "$sourceId")?.into(),
        id: text(&document, "$relationshipId")?.into(),
        name: text(&document, "$relationshipName")?.into(),
        target: text(&document, "$targetId")?.into(),
        etag: text(&document, "$etag")?.to_owned(),
        document,
    })
}

fn text<'d>(document: &'d Value, member: &str) -> Result<&'d str, String> {
    document.get(member).and_then(Value::as_str).ok_or_else(|| format!("no {member}"))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
