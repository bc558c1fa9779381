//! A twin document taken apart: user members, components, time stamps.
//!
//! A document in the store, or in the body of a PUT, mixes what the user sets
//! with what the service keeps. A [`Draft`] holds them apart, so that checks
//! and patches see user members only and the service's part cannot be written.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{formats, values::shown};

/// A twin without its id and etag.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// `$metadata.$model`
    pub(crate) model: String,
    pub(crate) root: Block<Slot>,
}

/// The members of a twin or of one component, and what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block<T> {
    pub(crate) members: IndexMap<String, T>,
    /// `$metadata.{member}`
    pub(crate) stamps: IndexMap<String, Stamp>,
    /// `$metadata.$lastUpdateTime`
    pub(crate) updated: String,
}

/// A member of a twin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Slot {
    Value(Value),
    /// An object with `$metadata`: that alone tells components from properties.
    Component(Block<Value>),
}

/// `$metadata` of one property.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Stamp {
    /// `lastUpdateTime`
    pub(crate) updated: String,
    /// `sourceTime`, kept as the client wrote it.
    pub(crate) source: Option<String>,
}

impl<T> Block<T> {
    /// Marks a member as written at `now`, or forgets it if it is gone.
    pub(crate) fn touch(&mut self, member: &str, now: &str) {
        now.clone_into(&mut self.updated);
        if self.members.contains_key(member) {
            now.clone_into(&mut self.stamps.entry(member.to_owned()).or_default().updated);
        } else {
            self.stamps.shift_remove(member);
        }
    }

    /// Marks every member as written at `now`, as a PUT does. Only source
    /// times of members that are set survive.
    pub(crate) fn touch_all(&mut self, now: &str) {
        now.clone_into(&mut self.updated);
        let mut old = std::mem::take(&mut self.stamps);
        for name in self.members.keys() {
            let source = old.swap_remove(name).and_then(|stamp| stamp.source);
            self.stamps.insert(name.clone(), Stamp { updated: now.to_owned(), source });
        }
    }

    fn metadata(&self, model: Option<&str>) -> Value {
        let mut metadata = Map::new();
        if let Some(model) = model {
            metadata.insert("$model".into(), model.into());
        }
        metadata.insert("$lastUpdateTime".into(), self.updated.as_str().into());
        for (name, stamp) in &self.stamps {
            let mut entry = Map::new();
            entry.insert("lastUpdateTime".into(), stamp.updated.as_str().into());
            if let Some(source) = &stamp.source {
                entry.insert("sourceTime".into(), source.as_str().into());
            }
            metadata.insert(name.clone(), Value::Object(entry));
        }
        Value::Object(metadata)
    }
}

impl Draft {
    /// Takes a document apart; `faults` gets what is wrong with its `$` members.
    /// `$dtId` and `$etag` are ignored, whatever they hold: the path has the id.
    /// `None` if there is no model.
    pub(crate) fn read(document: &Map<String, Value>, faults: &mut Vec<String>) -> Option<Self> {
        let metadata = match document.get("$metadata") {
            Some(Value::Object(metadata)) => metadata,
            Some(other) => {
                faults.push(format!("$metadata must be an object, not {}", shown(other)));
                return None;
            }
            None => {
                faults.push("$metadata is missing".into());
                return None;
            }
        };
        let model = match metadata.get("$model") {
            Some(Value::String(model)) => model.clone(),
            Some(other) => {
                faults.push(format!("$metadata/$model must be a string, not {}", shown(other)));
                return None;
            }
            None => {
                faults.push("$metadata/$model is missing".into());
                return None;
            }
        };
        let mut members = IndexMap::new();
        for (name, value) in document {
            if matches!(name.as_str(), "$dtId" | "$etag" | "$metadata") {
                continue;
            }
            members.insert(name.clone(), slot(name, value, faults));
        }
        let (stamps, updated) = stamps(metadata, "", faults);
        Some(Self { model, root: Block { members, stamps, updated } })
    }

    /// Sets all times to `now`.
    pub(crate) fn stamp(&mut self, now: &str) {
        self.root.touch_all(now);
        for (name, slot) in &mut self.root.members {
            if let Slot::Component(component) = slot {
                component.touch_all(now);
                // Components carry their own times.
                self.root.stamps.shift_remove(name);
            }
        }
    }

    /// The whole document, as `GET` answers it.
    pub(crate) fn document(self, id: &str, etag: &str) -> Value {
        let metadata = self.root.metadata(Some(&self.model));
        let mut document = Map::new();
        document.insert("$dtId".into(), id.into());
        document.insert("$etag".into(), etag.into());
        for (name, slot) in self.root.members {
            document.insert(name, slot.document());
        }
        document.insert("$metadata".into(), metadata);
        Value::Object(document)
    }
}

impl Slot {
    fn document(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Component(component) => {
                let metadata = component.metadata(None);
                let mut document: Map<String, Value> = component.members.into_iter().collect();
                document.insert("$metadata".into(), metadata);
                Value::Object(document)
            }
        }
    }
}

/// A member of a twin as a client wrote it.
pub(crate) fn slot(name: &str, value: &Value, faults: &mut Vec<String>) -> Slot {
    let Some(object) = value.as_object() else { return Slot::Value(value.clone()) };
    let metadata = match object.get("$metadata") {
        None => return Slot::Value(value.clone()),
        Some(Value::Object(metadata)) => metadata,
        Some(other) => {
            faults.push(format!("{name}/$metadata must be an object, not {}", shown(other)));
            return Slot::Value(value.clone());
        }
    };
    if metadata.contains_key("$model") {
        faults.push(format!("{name}/$metadata must not have a $model: the twin's model names it"));
    }
    let members = object
        .iter()
        .filter(|(name, _)| *name != "$metadata")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let (stamps, updated) = stamps(metadata, &format!("{name}/"), faults);
    Slot::Component(Block { members, stamps, updated })
}

/// The time stamps in a `$metadata` object, and its own.
fn stamps(
    metadata: &Map<String, Value>,
    path: &str,
    faults: &mut Vec<String>,
) -> (IndexMap<String, Stamp>, String) {
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let mut stamps = IndexMap::new();
    for (name, entry) in metadata.iter().filter(|(name, _)| !name.starts_with('$')) {
        let Some(entry) = entry.as_object() else {
            faults.push(format!("{path}$metadata/{name} must be an object, not {}", shown(entry)));
            continue;
        };
        let source = match entry.get("sourceTime") {
            None | Some(Value::Null) => None,
            Some(value) => source_time(value, &format!("{path}$metadata/{name}"), faults),
        };
        let updated = text(entry.get("lastUpdateTime"));
        stamps.insert(name.clone(), Stamp { updated, source });
    }
    (stamps, text(metadata.get("$lastUpdateTime")))
}

/// A `sourceTime`, or a fault.
pub(crate) fn source_time(value: &Value, path: &str, faults: &mut Vec<String>) -> Option<String> {
    match value.as_str() {
        Some(text) if formats::is_date_time(text) => Some(text.to_owned()),
        _ => {
            faults.push(format!("{path}/sourceTime must be a dateTime, not {}", shown(value)));
            None
        }
    }
}
