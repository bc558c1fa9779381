//! The relationships of each twin, in one direction, ordered by name.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use super::records::RelationshipRecord;
use crate::digital_twins::query::graph::RelationshipKey;

/// A place in the relationships of one twin: name, source, id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: Arc<str>,
    source: Arc<str>,
    id: Arc<str>,
}

impl Key {
    fn of(record: &RelationshipRecord) -> Self {
        Self {
            name: Arc::clone(&record.name),
            source: Arc::clone(&record.source),
            id: Arc::clone(&record.id),
        }
    }
}

impl From<RelationshipKey<'_>> for Key {
    fn from(key: RelationshipKey<'_>) -> Self {
        Self { name: key.name.into(), source: key.source.into(), id: key.id.into() }
    }
}

/// One direction of the graph.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    twins: HashMap<Arc<str>, BTreeMap<Key, Arc<RelationshipRecord>>>,
}

impl Adjacency {
    pub(super) fn insert(&mut self, twin: &Arc<str>, record: &Arc<RelationshipRecord>) {
        self.twins.entry(Arc::clone(twin)).or_default().insert(Key::of(record), Arc::clone(record));
    }

    pub(super) fn remove(&mut self, twin: &str, record: &RelationshipRecord) {
        if let Some(relationships) = self.twins.get_mut(twin) {
            relationships.remove(&Key::of(record));
            if relationships.is_empty() {
                self.twins.remove(twin);
            }
        }
    }

    pub(super) fn count(&self, twin: &str) -> usize {
        self.twins.get(twin).map_or(0, BTreeMap::len)
    }

    /// The relationships at `twin` from a place on, only those of one name if given.
    pub(super) fn walk<'a>(
        &'a self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Box<dyn Iterator<Item = &'a Arc<RelationshipRecord>> + 'a> {
        let Some(relationships) = self.twins.get(twin) else { return Box::new(std::iter::empty()) };
        let first_of_name =
            name.map(|name| Key::from(RelationshipKey { name, source: "", id: "" }));
        let start = match (first_of_name, from.map(Key::from)) {
            (Some(name), Some(from)) => Bound::Included(name.max(from)),
            (Some(key), None) | (None, Some(key)) => Bound::Included(key),
            (None, None) => Bound::Unbounded,
        };
        let listed = relationships.range((start, Bound::Unbounded));
        match name.map(str::to_owned) {
            Some(name) => Box::new(
                listed.take_while(move |(key, _)| *key.name == *name).map(|(_, record)| record),
            ),
            None => Box::new(listed.map(|(_, record)| record)),
        }
    }
}
