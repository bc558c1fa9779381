//! What is to be done: the source compared with what is there. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};
use twinkit::digital_twins::{
    Client, Error, Relationship, RelationshipId, Twin, TwinId, TwinPatch,
};

use crate::source::{Record, Source, prefix};

/// What one night has to do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) create: Vec<Record>,
    /// With the twin as it is.
    pub(crate) change: Vec<(Record, Twin)>,
    pub(crate) unrelate: Vec<(TwinId, RelationshipId)>,
    pub(crate) relate: Vec<Edge>,
    pub(crate) remove: Vec<TwinId>,
    /// Twins that are there, whatever becomes of them.
    present: usize,
}

/// A relationship to be made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) source: TwinId,
    pub(crate) name: String,
    pub(crate) target: TwinId,
}

impl Plan {
    /// Asks the service for the building's twins and relationships, and compares.
    ///
    /// The service answers queries from an index that may be seconds behind. That
    /// makes the plan longer than it must be after a run that was stopped just now,
    /// and never wrong: each write looks at the twin itself.
    pub(crate) async fn make(
        client: &Client,
        source: Source,
        building: &str,
    ) -> Result<Self, Error> {
        let mut plan = Self::default();
        let of_building = prefix(building);
        let mut wanted = source.twins;
        let mut edges: BTreeSet<Edge> = wanted.values().flat_map(edges_of).collect();
        let mut twins = client
            .query("SELECT * FROM DIGITALTWINS T WHERE STARTSWITH(T.$dtId, $prefix)")
            .bind("prefix", of_building.as_str())
            .rows::<Twin>();
        // Pages may overlap while others write: each twin counts once.
        let mut present = BTreeMap::new();
        while let Some(twin) = twins.next_row().await {
            let twin = twin?;
            if let Some(id) = twin.id.clone() {
                present.insert(id, twin);
            }
        }
        plan.present = present.len();
        let mut relationships = client
            .query("SELECT * FROM RELATIONSHIPS R WHERE STARTSWITH(R.$sourceId, $prefix)")
            .bind("prefix", of_building.as_str())
            .rows::<Relationship>();
        while let Some(relationship) = relationships.next_row().await {
            let Relationship { id: Some(id), source: Some(source), target, name, .. } =
                relationship?
            else {
                continue;
            };
            if !edges.remove(&Edge { source: source.clone(), name, target }) {
                plan.unrelate.push((source, id));
            }
        }
        plan.relate = edges.into_iter().collect();
        for (id, twin) in present {
            match wanted.remove(&id) {
                None => plan.remove.push(id),
                Some(record) if patch(&record, &twin).is_some() => plan.change.push((record, twin)),
                Some(_) => {}
            }
        }
        plan.create = wanted.into_values().collect();
        Ok(plan)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.steps() == 0
    }

    pub(crate) fn steps(&self) -> usize {
        let Self { create, change, unrelate, relate, remove, .. } = self;
        create.len() + change.len() + unrelate.len() + relate.len() + remove.len()
    }

    /// Why it is not to be carried out, if it deletes more than this share.
    pub(crate) fn deletes_too_much(&self, percent: u8) -> Option<String> {
        let (gone, present) = (self.remove.len(), self.present);
        let is_too_much = gone * 100 > present * usize::from(percent);
        is_too_much.then(|| {
            format!(
                "{gone} of {present} twins are not in the source, more than {percent} percent; \
                 nothing was done. If they are to go, say --max-deletions 100"
            )
        })
    }
}

fn edges_of(record: &Record) -> impl Iterator<Item = Edge> + '_ {
    record.relationships.iter().map(|link| Edge {
        source: record.id.clone(),
        name: link.name.clone(),
        target: link.target.clone(),
    })
}

/// What makes the twin the record's; `None` if it is already. A property that the
/// record does not name is left alone, since others write to the twins as well, sensors
/// say; null takes one away.
pub(crate) fn patch(record: &Record, twin: &Twin) -> Option<TwinPatch> {
    let mut patch = TwinPatch::new();
    let mut is_needed = false;
    if record.model != twin.metadata.model {
        (patch, is_needed) = (patch.migrate_to(&record.model), true);
    }
    for (name, value) in &record.properties {
        patch = match (twin.properties.get(name), value) {
            (None, Value::Null) => continue,
            (Some(there), value) if is_same(there, value) => continue,
            (Some(_), Value::Null) => patch.remove(name),
            (_, value) => patch.set(name, value),
        };
        is_needed = true;
    }
    is_needed.then_some(patch)
}

/// Whether two values are the same to the service, for which 21 and 21.0 are.
fn is_same(one: &Value, other: &Value) -> bool {
    let all = |one: &Map<String, Value>, other: &Map<String, Value>| {
        one.len() == other.len()
            && one.iter().all(|(name, value)| other.get(name).is_some_and(|it| is_same(value, it)))
    };
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Object(one), Value::Object(other)) => all(one, other),
        _ => one == other,
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, change, unrelate, relate, remove, present } = self;
        let same = present - change.len() - remove.len();
        writeln!(f, "{present} twins are there, {same} of them as in the source.")?;
        write!(
            f,
            "To do: create {}, change {}, delete {} twins; make {}, delete {} relationships.",
            create.len(),
            change.len(),
            remove.len(),
            relate.len(),
            unrelate.len()
        )?;
        for (record, _) in change {
            write!(f, "\n  change {}", record.id)?;
        }
        for id in remove {
            write!(f, "\n  delete {id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(record: Value, twin: Value) -> Value {
        let mut document =
            json!({"$dtId": "t", "$metadata": {"$model": "dtmi:com:example:Room;1"}});
        document.as_object_mut().unwrap().extend(twin.as_object().unwrap().clone());
        let twin = serde_json::from_value(document).unwrap();
        let record = json!({"id": "t", "model": "dtmi:com:example:Room;1", "properties": record});
        let record = serde_json::from_value(record).unwrap();
        patch(&record, &twin).map_or(json!([]), |patch| serde_json::to_value(patch).unwrap())
    }

    #[test]
    fn only_what_differs_is_changed() {
        let same = json!({"area": 21, "place": {"x": 1.0}, "note": null});
        let there = json!({"area": 21.0, "place": {"x": 1}, "temperature": 20.5});
        assert_eq!(changed(same, there), json!([]));
        assert_eq!(
            changed(json!({"area": 22, "note": null}), json!({"area": 21, "note": "old"})),
            json!([{"op": "add", "path": "/area", "value": 22}, {"op": "remove", "path": "/note"}])
        );
    }

    #[test]
    fn a_share_of_what_is_there_may_go() {
        let gone = |count: usize| Plan {
            remove: (0..count).map(|n| TwinId::new(format!("t-{n}")).unwrap()).collect(),
            present: 10,
            ..Plan::default()
        };
        assert_eq!(gone(2).deletes_too_much(20), None);
        assert!(gone(3).deletes_too_much(20).unwrap().contains("3 of 10"));
        assert_eq!(Plan::default().deletes_too_much(0), None);
    }
}
