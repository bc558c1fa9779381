//! Makes a scene out of any DTDL model set: twins of models that can be
//! related, the relationships between them, and a property to patch. It reads
//! just as much DTDL as that takes, and must not know how things are sent.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use twinkit::digital_twins::ModelId;

use super::scene::{
    Scene, ScenePatch, SceneQuery, SceneRelationship, SceneTelemetry, SceneTwin, twins_of_model,
};

/// Model names that make a building, taken first where a set has them.
const BUILDING_WORDS: &[&str] =
    &["Building", "Level", "Floor", "Storey", "Room", "Zone", "Space", "Sensor", "Point"];
const MAX_PAIRS: usize = 12;
const TWINS_PER_MODEL: usize = 3;

/// What the set says of one model, its parents' contents not included.
#[derive(Default)]
struct Interface<'a> {
    parents: Vec<&'a str>,
    contents: Vec<&'a Map<String, Value>>,
}

struct Ontology<'a>(BTreeMap<&'a str, Interface<'a>>);

/// A scene of the set's own models.
pub(super) fn scene(models: &[Value], prefix: &str) -> Result<Scene> {
    let ontology = Ontology::read(models);
    let pairs = ontology.pairs();
    let mut chosen: Vec<&str> = Vec::new();
    for model in pairs.iter().flat_map(|(source, _, target)| [*source, *target]) {
        if !chosen.contains(&model) {
            chosen.push(model);
        }
    }
    if chosen.is_empty() {
        chosen = ontology.by_preference().into_iter().take(MAX_PAIRS).collect();
    }
    let id_of = |model: &str, number: usize| format!("{prefix}-{}-{number}", slug(model));

    let mut twins = Vec::new();
    for model in &chosen {
        for number in 0..TWINS_PER_MODEL {
            let id = id_of(model, number);
            twins.push(SceneTwin { id, document: ontology.twin(model) });
        }
    }
    let mut relationships = Vec::new();
    for (source, name, target) in &pairs {
        for number in 0..TWINS_PER_MODEL {
            // A twin cannot be related to itself.
            let target = id_of(target, (number + usize::from(source == target)) % TWINS_PER_MODEL);
            let source = id_of(source, number);
            let id = format!("{name}-{target}");
            let document = json!({"$relationshipName": name, "$targetId": target});
            relationships.push(SceneRelationship { source, id, document });
        }
    }
    let patch = chosen.iter().find_map(|model| {
        let (path, value) = ontology.property_to_set(model)?;
        Some(ScenePatch { twin: id_of(model, 0), path, value })
    });
    let first = chosen.first().context("the model set is empty")?;
    let mut queries = vec![twins_of_model(prefix, &ModelId::new(*first)?, TWINS_PER_MODEL)];
    if let Some((source, name, _)) = pairs.first() {
        let source = id_of(source, 0);
        let rows = relationships
            .iter()
            .filter(|r| {
                r.source == source && r.document.get("$relationshipName") == Some(&json!(name))
            })
            .count();
        queries.push(SceneQuery {
            what: format!("what {name} leads to"),
            text: format!(
                "SELECT target FROM DIGITALTWINS source JOIN target RELATED source.[[{name}]] \
                 WHERE source.$dtId = $id"
            ),
            values: vec![("id", source.into())],
            rows,
        });
    }
    let telemetry = twins.first().map(|twin| SceneTelemetry {
        twin: twin.id.clone(),
        component: None,
        payload: json!({"reading": 1}),
    });
    Ok(Scene { twins, relationships, patch, telemetry, queries })
}

impl<'a> Ontology<'a> {
    fn read(models: &'a [Value]) -> Self {
        let mut interfaces = BTreeMap::new();
        for model in models {
            let Some(id) = model.get("@id").and_then(Value::as_str) else { continue };
            let parents = many(model.get("extends")).filter_map(Value::as_str).collect();
            let contents = many(model.get("contents")).filter_map(Value::as_object).collect();
            interfaces.insert(id, Interface { parents, contents });
        }
        Self(interfaces)
    }

    /// Models that have a relationship, its name, and a model it may lead to.
    fn pairs(&self) -> Vec<(&'a str, &'a str, &'a str)> {
        let mut pairs = Vec::new();
        let models = self.by_preference();
        for source in &models {
            for content in self.contents(source) {
                let (true, Some(name)) = (is(content, "Relationship"), text(content, "name"))
                else {
                    continue;
                };
                let target = match text(content, "target") {
                    Some(target) => self.0.get_key_value(target).map(|(id, _)| *id),
                    None => models.iter().find(|model| *model != source).copied(),
                };
                if let Some(target) = target {
                    pairs.push((*source, name, target));
                    break;
                }
            }
            if pairs.len() == MAX_PAIRS {
                break;
            }
        }
        pairs
    }

    fn by_preference(&self) -> Vec<&'a str> {
        let mut models: Vec<&str> = self.0.keys().copied().collect();
        models.sort_by_key(|model| {
            let name = last_word(model);
            BUILDING_WORDS.iter().position(|word| *word == name).unwrap_or(BUILDING_WORDS.len())
        });
        models
    }

    /// A model's contents, its ancestors' included.
    fn contents(&self, model: &str) -> Vec<&'a Map<String, Value>> {
        let mut contents = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![model];
        while let Some(interface) = open.pop().filter(|id| seen.insert(id.to_string())) {
            if let Some(interface) = self.0.get(interface) {
                contents.extend(&interface.contents);
                open.extend(&interface.parents);
            }
        }
        contents
    }

    /// A twin with everything the model demands: its components, empty.
    fn twin(&self, model: &str) -> Value {
        let mut twin = json!({"$metadata": {"$model": model}});
        for component in self.contents(model).into_iter().filter(|c| is(c, "Component")) {
            if let (Some(name), Some(members)) = (text(component, "name"), twin.as_object_mut()) {
                members.insert(name.to_owned(), json!({"$metadata": {}}));
            }
        }
        twin
    }

    /// A property of a simple schema, with a value that fits it.
    fn property_to_set(&self, model: &str) -> Option<(Vec<String>, Value)> {
        self.contents(model).into_iter().filter(|content| is(content, "Property")).find_map(|p| {
            let value = match text(p, "schema")? {
                "boolean" => json!(true),
                "double" | "float" => json!(21.5),
                "integer" | "long" => json!(3),
                "string" => json!("set by twinkit demo"),
                _ => return None,
            };
            Some((vec![text(p, "name")?.to_owned()], value))
        })
    }
}

fn is(content: &Map<String, Value>, kind: &str) -> bool {
    many(content.get("@type")).any(|t| t.as_str() == Some(kind))
}

fn text<'a>(content: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    content.get(member)?.as_str()
}

/// JSON-LD writes one value bare and several as a list.
fn many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, several) = match value {
        Some(Value::Array(items)) => (None, items.as_slice()),
        other => (other, [].as_slice()),
    };
    one.into_iter().chain(several)
}

/// The last name of a DTMI: `Room` of `dtmi:com:example:Room;1`.
fn last_word(model: &str) -> &str {
    let path = model.split(';').next().unwrap_or(model);
    path.rsplit(':').next().unwrap_or(path)
}

/// A DTMI as part of a twin id: its last two names, which keeps most apart and
/// the id short.
fn slug(model: &str) -> String {
    let path = model.split(';').next().unwrap_or(model);
    let names: Vec<&str> = path.rsplitn(3, ':').take(2).collect();
    names.into_iter().rev().collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scene_follows_inheritance_and_gives_components() {
        let models = vec![
            json!({"@id": "dtmi:x:Room;1", "extends": "dtmi:x:Space;1"}),
            json!({"@id": "dtmi:x:Part;1"}),
            json!({"@id": "dtmi:x:Space;1", "contents": [
                {"@type": ["Property", "Temperature"], "name": "temp", "schema": "double"},
                {"@type": "Component", "name": "part", "schema": "dtmi:x:Part;1"},
                {"@type": "Relationship", "name": "next", "target": "dtmi:x:Space;1"}]}),
        ];
        let scene = scene(&models, "p").unwrap();
        let room = scene.twins.iter().find(|twin| twin.id == "p-x-Room-0").unwrap();
        assert_eq!(room.document["part"], json!({"$metadata": {}}));
        assert!(scene.relationships.iter().any(|r| r.source == "p-x-Room-0"));
        assert!(scene.relationships.iter().all(|r| r.document["$targetId"] != json!(r.source)));
        assert_eq!(scene.patch.unwrap().path, ["temp"]);
        assert_eq!(scene.queries[0].rows, TWINS_PER_MODEL);
    }

    #[test]
    fn an_empty_set_is_an_error() {
        assert!(scene(&[], "p").is_err());
    }
}
