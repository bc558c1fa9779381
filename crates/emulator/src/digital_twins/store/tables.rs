//! The state in memory, with an index for each way it is asked for.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    sync::Arc,
};

use super::{
    adjacency::Adjacency,
    records::{EventRouteRecord, JobRecord, ModelRecord, RelationshipRecord, TwinRecord},
};
use crate::digital_twins::{dtdl::Model, query::graph::RelationshipKey};

/// One step of a write.
#[derive(Debug, Clone)]
pub enum Change {
    /// Stores a model, or replaces its record.
    PutModel(Arc<ModelRecord>),
    /// Removes the model with this id.
    DeleteModel(String),
    /// Stores or replaces a twin.
    PutTwin(Arc<TwinRecord>),
    /// Removes the twin with this id.
    DeleteTwin(String),
    /// Stores or replaces a relationship.
    PutRelationship(Arc<RelationshipRecord>),
    /// Removes a relationship.
    DeleteRelationship {
        /// `$sourceId`.
        source: String,
        /// `$relationshipId`.
        id: String,
    },
    /// Stores or replaces an event route.
    PutEventRoute(Arc<EventRouteRecord>),
    /// Removes the event route with this id.
    DeleteEventRoute(String),
    /// Stores or replaces an import job.
    PutImportJob(Arc<JobRecord>),
    /// Removes the import job with this id.
    DeleteImportJob(String),
    /// Stores or replaces a delete job.
    PutDeleteJob(Arc<JobRecord>),
    /// Removes the delete job with this id.
    DeleteDeleteJob(String),
    /// Adds an endpoint that event routes may name.
    PutEndpoint(String),
}

type Ids = BTreeSet<Arc<str>>;

/// All state of an instance. A clone shares the records.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    models: BTreeMap<String, Arc<ModelRecord>>,
    /// Models that extend a model or have a component of it, by that model.
    dependents: HashMap<String, BTreeSet<String>>,
    twins: BTreeMap<Arc<str>, Arc<TwinRecord>>,
    /// Twins whose `$model` is the key.
    twins_of: HashMap<String, Ids>,
    /// Twins whose `$model` is the key or extends it.
    twins_of_derived: HashMap<String, Ids>,
    relationships: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<RelationshipRecord>>>,
    relationship_count: usize,
    outgoing: Adjacency,
    incoming: Adjacency,
    event_routes: BTreeMap<String, Arc<EventRouteRecord>>,
    import_jobs: BTreeMap<String, Arc<JobRecord>>,
    delete_jobs: BTreeMap<String, Arc<JobRecord>>,
    endpoints: BTreeSet<String>,
}

impl Tables {
    /// The model with this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Arc<ModelRecord>> {
        self.models.get(id)
    }

    /// The checked model with this id, shared.
    pub(crate) fn definition(&self, id: &str) -> Option<Arc<Model>> {
        self.models.get(id).map(|record| Arc::clone(&record.model))
    }

    /// All models, ordered by id, those after `after` only.
    pub fn models(&self, after: Option<&str>) -> impl Iterator<Item = &Arc<ModelRecord>> {
        self.models.range::<str, _>(after_bound(after)).map(|(_, record)| record)
    }

    /// How many models there are.
    #[must_use]
    pub fn model_count(&self) -> usize {
        self.models.len()
    }

    /// Ids of the models that could not be without this one.
    pub fn dependents(&self, id: &str) -> impl Iterator<Item = &str> {
        self.dependents.get(id).into_iter().flatten().map(String::as_str)
    }

    /// The twin with this id.
    #[must_use]
    pub fn twin_record(&self, id: &str) -> Option<&Arc<TwinRecord>> {
        self.twins.get(id)
    }

    /// All twins, ordered by id, from `from` on.
    pub(crate) fn twin_records<'a>(
        &'a self,
        from: Option<&str>,
    ) -> impl Iterator<Item = &'a Arc<TwinRecord>> + use<'a> {
        self.twins.range::<str, _>(from_bound(from)).map(|(_, record)| record)
    }

    /// How many twins there are.
    #[must_use]
    pub fn twins_len(&self) -> usize {
        self.twins.len()
    }

    /// Ids of the twins of a model, or of it and those that extend it.
    pub(crate) fn twin_ids_of(&self, model: &str, exact: bool) -> Option<&BTreeSet<Arc<str>>> {
        if exact { self.twins_of.get(model) } else { self.twins_of_derived.get(model) }
    }

    /// The relationship `id` of the twin `source`.
    #[must_use]
    pub fn relationship_record(&self, source: &str, id: &str) -> Option<&Arc<RelationshipRecord>> {
        self.relationships.get(source)?.get(id)
    }

    /// All relationships, ordered by source and id, from a pair on.
    pub(crate) fn relationship_records<'a>(
        &'a self,
        from: Option<(&str, &str)>,
    ) -> Box<dyn Iterator<Item = &'a Arc<RelationshipRecord>> + 'a> {
        let Some((source, id)) = from else {
            return Box::new(self.relationships.values().flat_map(BTreeMap::values));
        };
        let id = id.to_owned();
        let rest_of_source = self.relationships.get(source).into_iter().flat_map(move |own| {
            own.range::<str, _>(from_bound(Some(&id))).map(|(_, record)| record)
        });
        let later = self
            .relationships
            .range::<str, _>((Bound::Excluded(source), Bound::Unbounded))
            .flat_map(|(_, own)| own.values());
        Box::new(rest_of_source.chain(later))
    }

    /// How many relationships there are.
    #[must_use]
    pub fn relationships_len(&self) -> usize {
        self.relationship_count
    }

    /// The outgoing relationships of a twin, ordered by id, those after `after` only.
    pub(crate) fn relationships_of(
        &self,
        source: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = &Arc<RelationshipRecord>> {
        let after = after.map(str::to_owned);
        self.relationships.get(source).into_iter().flat_map(move |own| {
            own.range::<str, _>(after_bound(after.as_deref())).map(|(_, record)| record)
        })
    }

    /// Outgoing relationships, ordered by name, source and id.
    pub(crate) fn outgoing_records<'a>(
        &'a self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Box<dyn Iterator<Item = &'a Arc<RelationshipRecord>> + 'a> {
        self.outgoing.walk(twin, name, from)
    }

    /// Incoming relationships, ordered by name, source and id.
    pub(crate) fn incoming_records<'a>(
        &'a self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Box<dyn Iterator<Item = &'a Arc<RelationshipRecord>> + 'a> {
        self.incoming.walk(twin, name, from)
    }

    /// How many relationships start at, and end at, a twin.
    #[must_use]
    pub fn degree(&self, twin: &str) -> (usize, usize) {
        (self.outgoing.count(twin), self.incoming.count(twin))
    }

    /// The event route with this id.
    #[must_use]
    pub fn event_route(&self, id: &str) -> Option<&Arc<EventRouteRecord>> {
        self.event_routes.get(id)
    }

    /// All event routes, ordered by id, those after `after` only.
    pub fn event_routes(
        &self,
        after: Option<&str>,
    ) -> impl Iterator<Item = &Arc<EventRouteRecord>> {
        self.event_routes.range::<str, _>(after_bound(after)).map(|(_, record)| record)
    }

    /// All import jobs by id.
    #[must_use]
    pub fn import_jobs(&self) -> &BTreeMap<String, Arc<JobRecord>> {
        &self.import_jobs
    }

    /// The names of the endpoints that event routes may name.
    #[must_use]
    pub fn endpoints(&self) -> &BTreeSet<String> {
        &self.endpoints
    }

    /// All delete jobs by id.
    #[must_use]
    pub fn delete_jobs(&self) -> &BTreeMap<String, Arc<JobRecord>> {
        &self.delete_jobs
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::PutModel(record) => self.put_model(record),
            Change::DeleteModel(id) => self.delete_model(id),
            Change::PutTwin(record) => self.put_twin(record),
            Change::DeleteTwin(id) => self.delete_twin(id),
            Change::PutRelationship(record) => self.put_relationship(record),
            Change::DeleteRelationship { source, id } => self.delete_relationship(source, id),
            Change::PutEventRoute(record) => {
                self.event_routes.insert(record.id.clone(), Arc::clone(record));
            }
            Change::DeleteEventRoute(id) => {
                self.event_routes.remove(id);
            }
            Change::PutImportJob(job) => {
                self.import_jobs.insert(job.id.clone(), Arc::clone(job));
            }
            Change::DeleteImportJob(id) => {
                self.import_jobs.remove(id);
            }
            Change::PutDeleteJob(job) => {
                self.delete_jobs.insert(job.id.clone(), Arc::clone(job));
            }
            Change::DeleteDeleteJob(id) => {
                self.delete_jobs.remove(id);
            }
            Change::PutEndpoint(name) => {
                self.endpoints.insert(name.clone());
            }
        }
    }

    fn put_model(&mut self, record: &Arc<ModelRecord>) {
        let id = record.model.id();
        for dependency in record.model.dependencies() {
            self.dependents.entry(dependency.to_owned()).or_default().insert(id.to_owned());
        }
        // Twins may have outlived an earlier model of this id.
        if let Some(twins) = self.twins_of.get(id) {
            for base in record.model.bases() {
                let derived = self.twins_of_derived.entry(base.to_owned()).or_default();
                derived.extend(twins.iter().cloned());
            }
        }
        self.models.insert(id.to_owned(), Arc::clone(record));
    }

    fn delete_model(&mut self, id: &str) {
        let Some(record) = self.models.remove(id) else { return };
        for dependency in record.model.dependencies() {
            remove_from(&mut self.dependents, dependency, id);
        }
        let Some(twins) = self.twins_of.get(id) else { return };
        for base in record.model.bases() {
            for twin in twins {
                remove_from(&mut self.twins_of_derived, base, twin);
            }
        }
    }

    fn put_twin(&mut self, record: &Arc<TwinRecord>) {
        let moved = self.twins.get(&record.id).is_none_or(|old| old.model != record.model);
        if moved {
            self.unlist_twin(&record.id);
            let model = &record.model;
            self.twins_of.entry(model.to_string()).or_default().insert(Arc::clone(&record.id));
            let definition = self.models.get(&**model).map(|stored| Arc::clone(&stored.model));
            let bases = definition.iter().flat_map(|model| model.bases());
            for base in bases.chain([&**model]) {
                let derived = self.twins_of_derived.entry(base.to_owned()).or_default();
                derived.insert(Arc::clone(&record.id));
            }
        }
        self.twins.insert(Arc::clone(&record.id), Arc::clone(record));
    }

    fn delete_twin(&mut self, id: &str) {
        self.unlist_twin(id);
        self.twins.remove(id);
    }

    /// Takes a twin out of the lists by model.
    fn unlist_twin(&mut self, id: &str) {
        let Some(old) = self.twins.get(id).cloned() else { return };
        remove_from(&mut self.twins_of, &old.model, id);
        let definition = self.models.get(&*old.model).map(|stored| Arc::clone(&stored.model));
        let bases = definition.iter().flat_map(|model| model.bases());
        for base in bases.chain([&*old.model]) {
            remove_from(&mut self.twins_of_derived, base, id);
        }
    }

    fn put_relationship(&mut self, record: &Arc<RelationshipRecord>) {
        self.delete_relationship(&record.source, &record.id);
        self.outgoing.insert(&record.source, record);
        self.incoming.insert(&record.target, record);
        let own = self.relationships.entry(Arc::clone(&record.source)).or_default();
        own.insert(Arc::clone(&record.id), Arc::clone(record));
        self.relationship_count = self.relationship_count.saturating_add(1);
    }

    fn delete_relationship(&mut self, source: &str, id: &str) {
        let Some(own) = self.relationships.get_mut(source) else { return };
        let Some(old) = own.remove(id) else { return };
        if own.is_empty() {
            self.relationships.remove(source);
        }
        self.outgoing.remove(source, &old);
        self.incoming.remove(&old.target, &old);
        self.relationship_count = self.relationship_count.saturating_sub(1);
    }
}

/// Removes `member` from the set at `key`, and the set when it is empty.
fn remove_from<M: Ord + std::borrow::Borrow<str>>(
    sets: &mut HashMap<String, BTreeSet<M>>,
    key: &str,
    member: &str,
) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(member);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

fn after_bound(after: Option<&str>) -> (Bound<&str>, Bound<&str>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

fn from_bound(from: Option<&str>) -> (Bound<&str>, Bound<&str>) {
    (from.map_or(Bound::Unbounded, Bound::Included), Bound::Unbounded)
}
