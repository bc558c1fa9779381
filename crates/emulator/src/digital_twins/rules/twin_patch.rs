//! JSON Patch on a twin or on one of its components.
//!
//! Operations are applied to a copy; the outcome is checked as a whole against
//! the model that the twin has afterwards, so that a change of model and the
//! edits it needs can stand in one document in any order.

use serde_json::Value;

use super::{
    Models,
    draft::{self, Block, Draft, Slot},
    patch::{Edit, Operation, edited},
    twin,
};
use crate::digital_twins::{config::Limits, errors::ApiError};

/// Applies a patch to `draft` at `now`. On an error the draft is half done and
/// must be thrown away.
pub(crate) fn apply(
    draft: &mut Draft,
    operations: &[Operation],
    models: &Models<'_>,
    limits: &Limits,
    now: &str,
) -> Result<(), ApiError> {
    now.clone_into(&mut draft.root.updated);
    let mut patcher = Patcher { draft, now, faults: Vec::new() };
    for operation in operations {
        patcher.operation(operation).map_err(|text| {
            let path = operation.path.join("/");
            let path: String = path.chars().take(200).collect();
            ApiError::json_patch(format!("{} /{path}: {text}.", operation.edit.word()))
        })?;
    }
    let Patcher { draft, mut faults, .. } = patcher;
    if let Some(member) = stamp_without_member(draft) {
        return Err(ApiError::json_patch(format!(
            "A sourceTime is given for {member}, which is not set."
        )));
    }
    faults.extend(twin::faults(draft, models, limits));
    if faults.is_empty() { Ok(()) } else { Err(ApiError::validation("digital twin", faults)) }
}

struct Patcher<'a> {
    draft: &'a mut Draft,
    now: &'a str,
    faults: Vec<String>,
}

type Outcome = Result<(), String>;

impl Patcher<'_> {
    fn operation(&mut self, operation: &Operation) -> Outcome {
        let Some((name, rest)) = operation.path.split_first() else {
            return Err("the whole twin has no path".into());
        };
        let edit = &operation.edit;
        match name.as_str() {
            "$metadata" => self.metadata(rest, edit),
            name if name.starts_with('$') => Err(format!("{name} is read-only")),
            name => self.member(name, rest, edit),
        }
    }

    fn metadata(&mut self, rest: &[String], edit: &Edit) -> Outcome {
        match rest {
            [name] if name == "$model" => match edit.value() {
                Some(Value::String(model)) => {
                    self.draft.model.clone_from(model);
                    Ok(())
                }
                Some(_) => Err("the model must be a string".into()),
                None => Err("a twin always has a model".into()),
            },
            _ => source_time(&mut self.draft.root, "", rest, edit, &mut self.faults),
        }
    }

    fn member(&mut self, name: &str, rest: &[String], edit: &Edit) -> Outcome {
        match (self.draft.root.members.get_mut(name), rest.split_first()) {
            (Some(Slot::Component(component)), Some((inner, rest))) => {
                let mut part = Part { name, component, now: self.now, faults: &mut self.faults };
                part.edit(inner, rest, edit)
            }
            (current, _) => {
                let value = match current {
                    Some(Slot::Value(value)) => Some(value.clone()),
                    // The whole component: only that it is set matters.
                    Some(Slot::Component(_)) => Some(Value::Null),
                    None => None,
                };
                let value = edited(value, rest, edit)?;
                self.set(name, value);
                Ok(())
            }
        }
    }

    fn set(&mut self, name: &str, value: Option<Value>) {
        let root = &mut self.draft.root;
        match value {
            None => {
                root.members.shift_remove(name);
                root.touch(name, self.now);
            }
            Some(value) => match draft::slot(name, &value, &mut self.faults) {
                Slot::Component(mut component) => {
                    component.touch_all(self.now);
                    root.members.insert(name.to_owned(), Slot::Component(component));
                    root.stamps.shift_remove(name);
                }
                plain => {
                    root.members.insert(name.to_owned(), plain);
                    root.touch(name, self.now);
                }
            },
        }
    }
}

/// A component that is edited.
struct Part<'a> {
    name: &'a str,
    component: &'a mut Block<Value>,
    now: &'a str,
    faults: &'a mut Vec<String>,
}

impl Part<'_> {
    fn edit(&mut self, name: &str, rest: &[String], edit: &Edit) -> Outcome {
        match name {
            "$metadata" => {
                let path = format!("{}/", self.name);
                source_time(self.component, &path, rest, edit, self.faults)
            }
            name if name.starts_with('$') => Err(format!("{name} is read-only")),
            name => {
                let members = &mut self.component.members;
                match edited(members.get(name).cloned(), rest, edit)? {
                    Some(value) => {
                        members.insert(name.to_owned(), value);
                    }
                    None => {
                        members.shift_remove(name);
                    }
                }
                self.component.touch(name, self.now);
                Ok(())
            }
        }
    }
}

/// `$metadata/{property}/sourceTime`: the one writable part of the metadata.
/// `add` and `replace` serve alike, whether it was written before or not, as the
/// platform documents it. `prefix` leads to the metadata, for messages.
fn source_time<T>(
    block: &mut Block<T>,
    prefix: &str,
    path: &[String],
    edit: &Edit,
    faults: &mut Vec<String>,
) -> Outcome {
    let [property, word] = path else { return Err("this metadata is read-only".into()) };
    if word != "sourceTime" || property.starts_with('$') {
        return Err("this metadata is read-only".into());
    }
    let set = block.stamps.get(property).is_some_and(|stamp| stamp.source.is_some());
    let source = match edit {
        Edit::Remove if !set => {
            return Err(format!("{} needs a value that is set; it is not", edit.word()));
        }
        Edit::Remove => None,
        Edit::Add(value) | Edit::Replace(value) => {
            draft::source_time(value, &format!("{prefix}$metadata/{property}"), faults)
        }
    };
    let stamp = block.stamps.entry(property.clone()).or_default();
    stamp.source = source;
    Ok(())
}

/// A name that has a source time and is no property that is set. Components
/// have the times of their properties in their own metadata.
fn stamp_without_member(draft: &Draft) -> Option<&str> {
    let root = &draft.root;
    let mut stamped = root.stamps.keys().map(String::as_str);
    let unset = |name: &&str| !matches!(root.members.get(*name), Some(Slot::Value(_)));
    stamped.find(unset).or_else(|| {
        root.members.values().find_map(|slot| match slot {
            Slot::Component(part) => {
                let unset = |name: &&String| !part.members.contains_key(*name);
                part.stamps.keys().find(unset).map(String::as_str)
            }
            Slot::Value(_) => None,
        })
    })
}
