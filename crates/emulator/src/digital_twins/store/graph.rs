//! The read view that the query engine works on.

use super::{
    records::{RelationshipRecord, TwinRecord},
    tables::Tables,
};
use crate::digital_twins::query::graph::{
    Graph, Relationship, RelationshipKey, Relationships, Twin, Twins,
};

fn twin(record: &TwinRecord) -> Twin<'_> {
    Twin { id: &record.id, document: &record.document }
}

fn relationship(record: &RelationshipRecord) -> Relationship<'_> {
    Relationship {
        source: &record.source,
        id: &record.id,
        name: &record.name,
        target: &record.target,
        document: &record.document,
    }
}

impl Graph for Tables {
    fn twin(&self, id: &str) -> Option<Twin<'_>> {
        self.twin_record(id).map(|record| twin(record))
    }

    fn twins(&self, from: Option<&str>) -> Twins<'_> {
        Box::new(self.twin_records(from).map(|record| twin(record)))
    }

    fn twin_count(&self) -> usize {
        self.twins_len()
    }

    fn twins_of_model(&self, model: &str, exact: bool, from: Option<&str>) -> Twins<'_> {
        use std::ops::Bound;
        let Some(ids) = self.twin_ids_of(model, exact) else {
            return Box::new(std::iter::empty());
        };
        let start = from.map_or(Bound::Unbounded, Bound::Included);
        let listed = ids.range::<str, _>((start, Bound::Unbounded));
        Box::new(listed.filter_map(|id| self.twin(id)))
    }

    fn twin_count_of_model(&self, model: &str, exact: bool) -> usize {
        self.twin_ids_of(model, exact).map_or(0, std::collections::BTreeSet::len)
    }

    fn is_a(&self, model: &str, base: &str) -> bool {
        model == base || self.model(model).is_some_and(|record| record.model.is_a(base))
    }

    fn outgoing(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_> {
        Box::new(self.outgoing_records(twin, name, from).map(|record| relationship(record)))
    }

    fn incoming(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_> {
        Box::new(self.incoming_records(twin, name, from).map(|record| relationship(record)))
    }

    fn relationships(&self, from: Option<(&str, &str)>) -> Relationships<'_> {
        Box::new(self.relationship_records(from).map(|record| relationship(record)))
    }

    fn relationship_count(&self) -> usize {
        self.relationships_len()
    }
}
