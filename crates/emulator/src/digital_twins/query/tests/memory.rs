//! A small graph in memory, and the one that most tests ask.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::{Value, json};

use crate::digital_twins::query::graph::{
    Graph, Relationship, RelationshipKey, Relationships, Twin, Twins,
};

type Pair = (String, String);
/// Name, source, id.
type Adjacent = BTreeSet<(String, String, String)>;

#[derive(Default)]
pub(super) struct Memory {
    twins: BTreeMap<String, Value>,
    /// Model to its parent.
    parents: BTreeMap<String, String>,
    by_model: BTreeMap<String, BTreeSet<String>>,
    relationships: BTreeMap<Pair, Value>,
    outgoing: BTreeMap<String, Adjacent>,
    incoming: BTreeMap<String, Adjacent>,
}

fn text<'v>(document: &'v Value, member: &str) -> &'v str {
    document[member].as_str().unwrap_or_default()
}

fn model_of(twin: &Value) -> &str {
    text(&twin["$metadata"], "$model")
}

impl Memory {
    pub(super) fn extend(&mut self, model: &str, parent: &str) {
        self.parents.insert(model.to_owned(), parent.to_owned());
    }

    pub(super) fn add_twin(&mut self, id: &str, model: &str, mut properties: Value) {
        let components = properties.as_object_mut().unwrap();
        components.insert("$dtId".to_owned(), json!(id));
        components.insert("$metadata".to_owned(), json!({"$model": model}));
        self.by_model.entry(model.to_owned()).or_default().insert(id.to_owned());
        self.twins.insert(id.to_owned(), properties);
    }

    pub(super) fn remove_twin(&mut self, id: &str) {
        let twin = self.twins.remove(id).unwrap();
        self.by_model.get_mut(model_of(&twin)).unwrap().remove(id);
    }

    pub(super) fn relate(&mut self, source: &str, name: &str, target: &str, id: &str) {
        self.relate_with(source, name, target, id, json!({}));
    }

    fn relate_with(
        &mut self,
        source: &str,
        name: &str,
        target: &str,
        id: &str,
        mut properties: Value,
    ) {
        let members = properties.as_object_mut().unwrap();
        members.insert("$relationshipId".to_owned(), json!(id));
        members.insert("$sourceId".to_owned(), json!(source));
        members.insert("$relationshipName".to_owned(), json!(name));
        members.insert("$targetId".to_owned(), json!(target));
        let key = || (name.to_owned(), source.to_owned(), id.to_owned());
        self.outgoing.entry(source.to_owned()).or_default().insert(key());
        self.incoming.entry(target.to_owned()).or_default().insert(key());
        self.relationships.insert((source.to_owned(), id.to_owned()), properties);
    }

    pub(super) fn unrelate(&mut self, source: &str, id: &str) {
        let gone = self.relationships.remove(&(source.to_owned(), id.to_owned())).unwrap();
        let key = (text(&gone, "$relationshipName").to_owned(), source.to_owned(), id.to_owned());
        self.outgoing.get_mut(source).unwrap().remove(&key);
        self.incoming.get_mut(text(&gone, "$targetId")).unwrap().remove(&key);
    }

    fn adjacent<'g>(
        &'g self,
        all: Option<&'g Adjacent>,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'g> {
        let owned = |key: RelationshipKey<'_>| {
            (key.name.to_owned(), key.source.to_owned(), key.id.to_owned())
        };
        let first = match (from, name) {
            (Some(key), _) => Bound::Included(owned(key)),
            (None, Some(name)) => Bound::Included((name.to_owned(), String::new(), String::new())),
            (None, None) => Bound::Unbounded,
        };
        let only = name.map(str::to_owned);
        let keys =
            all.into_iter().flat_map(move |all| all.range((first.clone(), Bound::Unbounded)));
        Box::new(
            keys.take_while(move |(name, _, _)| only.as_ref().is_none_or(|only| only == name))
                .map(|(_, source, id)| view(&self.relationships[&(source.clone(), id.clone())])),
        )
    }
}

fn view(document: &Value) -> Relationship<'_> {
    Relationship {
        source: text(document, "$sourceId"),
        id: text(document, "$relationshipId"),
        name: text(document, "$relationshipName"),
        target: text(document, "$targetId"),
        document,
    }
}

impl Graph for Memory {
    fn twin(&self, id: &str) -> Option<Twin<'_>> {
        self.twins.get_key_value(id).map(|(id, document)| Twin { id, document })
    }

    fn twins(&self, from: Option<&str>) -> Twins<'_> {
        let from = from.unwrap_or_default().to_owned();
        Box::new(self.twins.range(from..).map(|(id, document)| Twin { id, document }))
    }

    fn twin_count(&self) -> usize {
        self.twins.len()
    }

    fn twins_of_model(&self, model: &str, exact: bool, from: Option<&str>) -> Twins<'_> {
        let from = from.unwrap_or_default();
        let models = self
            .by_model
            .iter()
            .filter(|(own, _)| own.as_str() == model || (!exact && self.is_a(own, model)));
        let ids: BTreeSet<&String> = models.flat_map(|(_, ids)| ids).collect();
        let twins: Vec<Twin<'_>> = ids
            .into_iter()
            .filter(|id| id.as_str() >= from)
            .filter_map(|id| self.twin(id))
            .collect();
        Box::new(twins.into_iter())
    }

    fn twin_count_of_model(&self, model: &str, exact: bool) -> usize {
        self.twins_of_model(model, exact, None).count()
    }

    fn is_a(&self, model: &str, base: &str) -> bool {
        model == base || self.parents.get(model).is_some_and(|parent| self.is_a(parent, base))
    }

    fn outgoing(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_> {
        self.adjacent(self.outgoing.get(twin), name, from)
    }

    fn incoming(
        &self,
        twin: &str,
        name: Option<&str>,
        from: Option<RelationshipKey<'_>>,
    ) -> Relationships<'_> {
        self.adjacent(self.incoming.get(twin), name, from)
    }

    fn relationships(&self, from: Option<(&str, &str)>) -> Relationships<'_> {
        let (source, id) = from.unwrap_or_default();
        let from = (source.to_owned(), id.to_owned());
        Box::new(self.relationships.range(from..).map(|(_, document)| view(document)))
    }

    fn relationship_count(&self) -> usize {
        self.relationships.len()
    }
}

pub(super) const SPACE: &str = "dtmi:ex:Space;1";
pub(super) const ROOM: &str = "dtmi:ex:Room;1";
pub(super) const FLOOR: &str = "dtmi:ex:Floor;1";
const SENSOR: &str = "dtmi:ex:Sensor;1";

/// A building `b1` of two floors and three rooms; the rooms are adjacent in a
/// ring `r1 > r2 > r3 > r1`; a sensor measures the first.
pub(super) fn building() -> Memory {
    let mut graph = Memory::default();
    graph.extend(ROOM, SPACE);
    graph.extend(FLOOR, SPACE);
    graph.add_twin("b1", SPACE, json!({"name": "HQ", "area": 1200.5}));
    graph.add_twin("f1", FLOOR, json!({"level": 1}));
    graph.add_twin("f2", FLOOR, json!({"level": 2}));
    graph.add_twin(
        "r1",
        ROOM,
        json!({
            "name": "Room 1", "temp": 21, "limit": 21.0, "occupied": true, "Group": "x",
            "tags": ["a", "b"], "sizes": [1, 2], "note": null,
            "address": {"city": "Oslo"}, "labels": {"a-b": "c"},
            "thermostat": {"setPoint": 20, "$metadata": {}},
        }),
    );
    graph.add_twin(
        "r2",
        ROOM,
        json!({"name": "Room 2", "temp": 19.5, "limit": 25, "occupied": false}),
    );
    graph.add_twin("r3", ROOM, json!({"name": "it's", "path": "C:\\a"}));
    graph.add_twin("s1", SENSOR, json!({"unit": "C", "temp": "21"}));
    graph.relate("b1", "contains", "f1", "c1");
    graph.relate("b1", "contains", "f2", "c2");
    graph.relate("f1", "contains", "r1", "c1");
    graph.relate("f1", "contains", "r2", "c2");
    graph.relate("f2", "contains", "r3", "c1");
    graph.relate("r1", "adjacent", "r2", "a1");
    graph.relate("r2", "adjacent", "r3", "a1");
    graph.relate("r3", "adjacent", "r1", "a1");
    graph.relate_with("s1", "measures", "r1", "m1", json!({"accuracy": 0.5, "since": "2024"}));
    graph
}
