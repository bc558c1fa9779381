//! Sets of DTDL models: the order in which our client uploads them, and what the
//! emulator takes.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use twinkit_digital_twins::{Json, fuzzing};
use twinkit_emulator::clock::Clock;
use twinkit_emulator::digital_twins::{Config, Instance, NoBlobs};

use crate::support::{Choices, assert_line};

/// More models find nothing that fewer do not.
const MOST: usize = 12;

/// A list of models, as JSON or, if it does not begin like one, as choices of
/// which extends and holds which. Each comes behind those that it needs. A set that
/// the emulator takes as a whole is taken in that order, model by model, too.
pub fn models(data: &[u8]) {
    let models: Vec<Value> = match data.first() {
        Some(b'[') => match serde_json::from_slice(data) {
            Ok(models) => models,
            Err(_) => return,
        },
        _ => chosen(&mut Choices(data)),
    };
    if models.len() > MOST {
        return;
    }
    let whole = instance().create_models(&models);
    let ordered = fuzzing::model_order(models.iter().cloned().map(Json::from).collect());
    let ordered = match ordered {
        Ok(ordered) => ordered,
        Err(error) => {
            assert_line(&error.to_string());
            assert!(whole.is_err() || models.is_empty(), "{error}: {models:?}");
            return;
        }
    };
    let mut by_id: HashMap<&str, &Value> =
        models.iter().filter_map(|model| Some((model.get("@id")?.as_str()?, model))).collect();
    assert_eq!(ordered.len(), models.len());
    let stepwise = whole.is_ok().then(instance);
    for id in &ordered {
        let model = by_id.remove(id.as_str()).unwrap_or_else(|| panic!("{id} comes twice"));
        for need in needs(model) {
            assert!(!by_id.contains_key(need), "{need} comes behind {id}");
        }
        if let Some(instance) = &stepwise {
            let stored = instance.create_models(std::slice::from_ref(model));
            assert!(stored.is_ok(), "{id} of {ordered:?}: {stored:?}");
        }
    }
}

fn instance() -> Arc<Instance> {
    Instance::new(Config::default(), Clock::new(), Arc::new(NoBlobs))
}

/// The models that must be there before this one.
fn needs(model: &Value) -> Vec<&str> {
    let is_component =
        |content: &&Value| many(content.get("@type")).into_iter().any(|kind| kind == "Component");
    let components = many(model.get("contents")).into_iter().filter(is_component);
    let parts = components.flat_map(|component| many(component.get("schema")));
    many(model.get("extends"))
        .into_iter()
        .chain(parts)
        .filter_map(|value| value.as_str().or_else(|| value.get("@id")?.as_str()))
        .collect()
}

/// JSON-LD writes one value bare and several as a list.
fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        one => one.into_iter().collect(),
    }
}

/// Up to eight models. Most choices make a set that is well-formed in itself; what
/// goes wrong is how they hang together.
fn chosen(choices: &mut Choices<'_>) -> Vec<Value> {
    let count = 1 + choices.below(8);
    let id = |number: usize| format!("dtmi:fuzzed:m{number};1");
    (0..count)
        .map(|number| {
            let mut contents = vec![json!({
                "@type": "Property", "name": format!("p{}", choices.below(12)), "schema": "string",
            })];
            if choices.below(3) == 0 {
                contents.push(json!({
                    "@type": "Component", "name": format!("c{number}"),
                    "schema": id(choices.below(count)),
                }));
            }
            if choices.below(4) == 0 {
                contents.push(json!({
                    "@type": "Relationship", "name": format!("r{number}"),
                    "target": id(choices.below(10)),
                }));
            }
            let mut extends = Vec::new();
            for _ in 0..choices.below(3) {
                extends.push(json!(id(choices.below(count))));
            }
            let version = 2 + choices.below(2);
            json!({
                "@id": id(if choices.next() == 255 { 0 } else { number }),
                "@type": "Interface", "@context": format!("dtmi:dtdl:context;{version}"),
                "extends": extends, "contents": contents,
            })
        })
        .collect()
}
