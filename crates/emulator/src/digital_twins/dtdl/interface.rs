//! One interface document, read by itself.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    Fault, Language, Refusal,
    content::{self, Content},
    dtmi,
    members::{Scope, by_language, list, reference},
    schema::{self, Schema},
};

/// An interface as written: its own contents, and names of what it builds on.
#[derive(Debug)]
pub(super) struct Interface {
    pub(super) id: String,
    pub(super) language: Language,
    pub(super) display_name: Value,
    pub(super) description: Value,
    pub(super) extends: Vec<String>,
    pub(super) contents: IndexMap<String, Content>,
    pub(super) schemas: BTreeMap<String, Schema>,
}

/// Extensions of version 3 that the platform takes.
const EXTENSIONS: [&str; 4] = [
    "dtmi:dtdl:extension:annotation;1",
    "dtmi:dtdl:extension:historization;1",
    "dtmi:dtdl:extension:overriding;1",
    "dtmi:dtdl:extension:quantitativeTypes;1",
];

/// Reads document number `position` of a call. Faults inside the interface are
/// collected; what makes the whole call unreadable is the error.
pub(super) fn read(
    document: &Value,
    position: usize,
    faults: &mut Vec<Fault>,
) -> Result<Option<Interface>, Refusal> {
    let place = format!("model {position}");
    let fault =
        |text: &str| Fault { model: place.clone(), member: String::new(), text: text.to_owned() };
    let Some(object) = document.as_object() else {
        faults.push(fault("must be an object"));
        return Ok(None);
    };
    let id = match object.get("@id") {
        None => {
            faults.push(fault("@id is missing"));
            return Ok(None);
        }
        Some(Value::String(id)) if dtmi::is_interface_id(id, Language::V3) => id,
        Some(other) => return Err(Refusal::InvalidId(shortened(other))),
    };
    let Some(language) = language(object, id, faults)? else { return Ok(None) };
    if !dtmi::is_interface_id(id, language) {
        return Err(Refusal::InvalidId(id.clone()));
    }
    let contexts = object.get("@context").map(list).unwrap_or_default();
    let mut scope =
        Scope { model: id, language, extended: contexts.len() > 1, faults, named: BTreeMap::new() };
    if scope.class(object, &["Interface"], "").is_none() {
        return Ok(None);
    }
    scope.only(object, &["contents", "extends", "schemas"], "");
    let extends = extends(&mut scope, object);
    for value in object.get("schemas").map(list).unwrap_or_default() {
        if value.get("@id").is_none() {
            scope.fault("schemas", "each schema needs an @id");
        }
        schema::read(&mut scope, value, "schemas");
    }
    let contents = contents(&mut scope, object);
    Ok(Some(Interface {
        id: id.clone(),
        language,
        display_name: by_language(object.get("displayName")),
        description: by_language(object.get("description")),
        extends,
        contents,
        schemas: scope.named,
    }))
}

/// The version that `@context` names. Contexts of other owners are let through.
fn language(
    object: &Map<String, Value>,
    id: &str,
    faults: &mut Vec<Fault>,
) -> Result<Option<Language>, Refusal> {
    let mut found = None;
    for context in object.get("@context").map(list).unwrap_or_default() {
        let Some(context) = context.as_str() else { continue };
        match context.strip_prefix("dtmi:dtdl:context;") {
            Some("2") => found = found.or(Some(Language::V2)),
            Some("3") => found = found.or(Some(Language::V3)),
            Some(_) => {
                return Err(Refusal::VersionNotSupported {
                    model: id.to_owned(),
                    context: context.to_owned(),
                });
            }
            None if context.starts_with("dtmi:dtdl:extension:")
                && !EXTENSIONS.contains(&context) =>
            {
                faults.push(Fault {
                    model: id.to_owned(),
                    member: "@context".into(),
                    text: format!("extension {context} is not supported"),
                });
            }
            None => {}
        }
    }
    if found.is_none() {
        faults.push(Fault {
            model: id.to_owned(),
            member: "@context".into(),
            text: "must name dtmi:dtdl:context;2 or dtmi:dtdl:context;3".into(),
        });
    }
    Ok(found)
}

fn extends(scope: &mut Scope<'_>, object: &Map<String, Value>) -> Vec<String> {
    let mut parents: Vec<String> = Vec::new();
    for value in object.get("extends").map(list).unwrap_or_default() {
        match reference(value) {
            Some(id) if !dtmi::is_interface_id(id, Language::V3) => {
                scope.fault("extends", format!("{id:?} is not a DTMI"));
            }
            Some(id) if parents.iter().any(|known| known == id) => {
                scope.fault("extends", format!("names {id} twice"));
            }
            Some(id) => parents.push(id.to_owned()),
            None => scope.fault("extends", "must name interfaces"),
        }
    }
    let most = if scope.language == Language::V2 { 2 } else { 1024 };
    if parents.len() > most {
        scope.fault("extends", format!("names {} interfaces, at most {most}", parents.len()));
    }
    parents
}

fn contents(scope: &mut Scope<'_>, object: &Map<String, Value>) -> IndexMap<String, Content> {
    let entries = object.get("contents").map(list).unwrap_or_default();
    let most = if scope.language == Language::V2 { 300 } else { 100_000 };
    if entries.len() > most {
        scope.fault("contents", format!("has {} entries, at most {most}", entries.len()));
    }
    let mut contents = IndexMap::new();
    for entry in entries {
        let Some((name, content)) = content::read(scope, entry) else { continue };
        let member = format!("contents/{name}");
        if contents.insert(name, content).is_some() {
            scope.fault(&member, "is defined twice");
        }
    }
    contents
}

fn shortened(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(200).collect()
}
