//! Reads what a model set says of itself and puts it into an order in which
//! each model comes after those it needs. It must not know the service.

use std::collections::HashMap;

use progenitor_client::Json;
use serde_json::Value;

use super::ModelSetError;
use crate::ModelId;

/// Size limit of one model as the service documents it, in bytes.
const MAX_MODEL_BYTES: usize = 1024 * 1024;

/// One model of the set, read once.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) id: ModelId,
    pub(super) text: Json,
}

/// The set in order of dependence: models that are extended or used as a
/// component come first, and the given order is kept otherwise. Models that
/// are needed but not in the set are taken to be stored already; the service
/// decides.
pub(crate) fn in_order(
    models: impl IntoIterator<Item = Json>,
) -> Result<Vec<Model>, ModelSetError> {
    let mut set: Vec<(Model, Vec<String>)> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for (index, text) in models.into_iter().enumerate() {
        let (id, needs) = read(index, &text)?;
        if place.insert(id.as_str().to_owned(), index).is_some() {
            return Err(ModelSetError::Duplicate { id });
        }
        set.push((Model { id, text }, needs));
    }

    // Kahn's algorithm, taking ready models in the order given.
    let mut waits_for: Vec<usize> = vec![0; set.len()];
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); set.len()];
    for (index, (_, needs)) in set.iter().enumerate() {
        for need in needs.iter().filter_map(|id| place.get(id)) {
            if let (Some(dependents), Some(count)) =
                (needed_by.get_mut(*need), waits_for.get_mut(index))
            {
                dependents.push(index);
                *count += 1;
            }
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        waits_for.iter().enumerate().filter(|(_, count)| **count == 0).map(|(i, _)| i).collect();
    let mut order = Vec::with_capacity(set.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for dependent in needed_by.get(index).into_iter().flatten() {
            if let Some(count) = waits_for.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*dependent);
                }
            }
        }
    }
    if order.len() < set.len() {
        let stuck = waits_for.iter().zip(&set).filter(|(count, _)| **count > 0);
        return Err(ModelSetError::Cycle { ids: stuck.map(|(_, (m, _))| m.id.clone()).collect() });
    }
    let mut taken: Vec<Option<Model>> = set.into_iter().map(|(model, _)| Some(model)).collect();
    Ok(order.into_iter().filter_map(|index| taken.get_mut(index)?.take()).collect())
}

/// A model's id and the ids it needs.
fn read(index: usize, text: &Json) -> Result<(ModelId, Vec<String>), ModelSetError> {
    let bytes = text.get().len();
    let model: Value =
        text.parse().map_err(|e| ModelSetError::NotAnInterface { index, reason: e.to_string() })?;
    let wrong = |reason: &str| ModelSetError::NotAnInterface { index, reason: reason.to_owned() };
    let id = model
        .as_object()
        .ok_or_else(|| wrong("it is not a JSON object"))?
        .get("@id")
        .and_then(Value::as_str)
        .ok_or_else(|| wrong("it has no \"@id\""))?;
    let id = ModelId::new(id).map_err(|e| wrong(&e.to_string()))?;
    if bytes > MAX_MODEL_BYTES {
        return Err(ModelSetError::TooLarge { id, bytes });
    }
    Ok((id, needs(&model)))
}

/// What must be stored before the model: its parents and the models of its
/// components. Relationship targets need not exist.
fn needs(model: &Value) -> Vec<String> {
    let components = many(model.get("contents"))
        .filter(|content| many(content.get("@type")).any(|t| t.as_str() == Some("Component")))
        .flat_map(|component| many(component.get("schema")));
    let mut ids: Vec<String> =
        many(model.get("extends")).chain(components).filter_map(reference).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// JSON-LD writes one value bare and several as a list.
fn many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, several) = match value {
        Some(Value::Array(items)) => (None, items.as_slice()),
        other => (other, [].as_slice()),
    };
    one.into_iter().chain(several)
}

/// A reference is an id, or an object that has one.
fn reference(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("@id")?.as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order(models: Vec<Value>) -> Result<Vec<String>, ModelSetError> {
        let ordered = in_order(models.into_iter().map(Json::from))?;
        Ok(ordered.into_iter().map(|model| model.id.to_string()).collect())
    }

    #[test]
    fn parents_and_components_come_first_and_the_rest_keeps_its_order() {
        let set = vec![
            json!({"@id": "dtmi:z;1"}),
            json!({"@id": "dtmi:room;1", "extends": ["dtmi:space;1", "dtmi:elsewhere;1"],
                "contents": {"@type": ["Component"], "name": "t", "schema": "dtmi:thermostat;1"}}),
            json!({"@id": "dtmi:floor;1", "extends": {"@id": "dtmi:space;1"},
                "contents": [{"@type": "Relationship", "target": "dtmi:room;1"}]}),
            json!({"@id": "dtmi:space;1"}),
            json!({"@id": "dtmi:thermostat;1"}),
        ];
        let expected =
            ["dtmi:z;1", "dtmi:space;1", "dtmi:floor;1", "dtmi:thermostat;1", "dtmi:room;1"];
        assert_eq!(order(set).unwrap(), expected);
    }

    #[test]
    fn sets_that_cannot_be_uploaded_are_refused_before_sending() {
        let twice = vec![json!({"@id": "dtmi:a;1"}), json!({"@id": "dtmi:a;1"})];
        assert!(matches!(order(twice), Err(ModelSetError::Duplicate { .. })));
        let circle = vec![
            json!({"@id": "dtmi:a;1", "extends": "dtmi:b;1"}),
            json!({"@id": "dtmi:b;1", "extends": "dtmi:a;1"}),
            json!({"@id": "dtmi:c;1"}),
        ];
        let Err(ModelSetError::Cycle { ids }) = order(circle) else { panic!("no cycle found") };
        assert_eq!(ids.len(), 2);
        for bad in [json!([]), json!("x"), json!({}), json!({"@id": 1}), json!({"@id": ""})] {
            assert!(matches!(
                order(vec![bad]),
                Err(ModelSetError::NotAnInterface { index: 0, .. })
            ));
        }
        let large = json!({"@id": "dtmi:a;1", "comment": "x".repeat(MAX_MODEL_BYTES)});
        assert!(matches!(order(vec![large]), Err(ModelSetError::TooLarge { .. })));
    }
}
