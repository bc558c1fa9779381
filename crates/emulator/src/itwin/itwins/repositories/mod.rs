//! Repositories: where the data of an iTwin lie, and the resources in them.
//!
//! Some are there without being made and point at other APIs of the platform;
//! others are made and point anywhere. Beside those of an iTwin there are global
//! ones, the same for everybody.
//!
//! Our choices:
//! - `Construction` needs the sub-class `Performance`, `Subsurface`
//!   `EvoWorkspace`, a geographic information system one of its own; another is
//!   422.
//! - A second repository with the same class, sub-class and address is 409.
//! - Changing or deleting a generated repository is 403.
//! - Generated repositories hold no resources, and only geographic information
//!   systems take new ones. No read of a resource is redirected.
//! - The one global repository that is known holds one resource of ours.
//! - The graphics of a resource are the repository's own address and
//!   authentication.

mod classes;
mod global;
mod resources;

pub(super) use global::answer as global;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, NOT_FOUND};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, spelled},
    rules::Body,
    state::{Document, ITwin, Repository},
};

const REPOSITORY_NOT_FOUND: &str = "iTwinRepositoryNotFound";
/// Longest address, and longest name.
const ADDRESS: usize = 2000;
const NAME: usize = 255;

const LITERALS: [&str; 3] = ["repositories", "resources", "graphics"];

/// The paths below `/itwins/{id}/repositories`. Words of the path are literals at
/// their own places only, since the ids of resources are free.
pub(super) fn answer(call: &Call, id: &str, words: &[&str]) -> Result<Answer, ApiError> {
    let path = path(words.get(2..).unwrap_or_default());
    match (call.method(), path.as_slice()) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [repository]) => get(call, id, repository),
        ("PATCH", [repository]) => update(call, id, repository),
        ("DELETE", [repository]) => delete(call, id, repository),
        ("GET", [repository, "resources"]) => resources::list(call, id, repository),
        ("POST", [repository, "resources"]) => resources::create(call, id, repository),
        ("GET", [repository, "resources", resource]) => {
            resources::get(call, id, repository, resource)
        }
        ("DELETE", [repository, "resources", resource]) => {
            resources::delete(call, id, repository, resource)
        }
        ("GET", [repository, "resources", resource, "graphics"]) => {
            resources::graphics(call, id, repository, resource)
        }
        _ => Err(ApiError::no_route()),
    }
}

/// The words of a path, with literals in every second place.
fn path<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let spell = |(index, word): (usize, &&'w str)| -> &'w str {
        if index % 2 == 0 { word } else { spelled(&[word], &LITERALS).pop().unwrap_or(word) }
    };
    words.iter().enumerate().map(spell).collect()
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    let made = itwin.repositories.iter().map(|(id, it)| shown(call, itwin, id, it));
    filtered(call, classes::generated(&call.base, &itwin.id).into_iter().chain(made))
}

/// Those of the class and sub-class that are asked for.
fn filtered(
    call: &Call,
    repositories: impl IntoIterator<Item = Document>,
) -> Result<Answer, ApiError> {
    let (class, sub_class) = (call.parameter("class"), call.parameter("subClass"));
    classes::check_filter(class.as_deref(), sub_class.as_deref())?;
    let is = |repository: &Document, member: &str, wanted: &Option<String>| {
        wanted.as_deref().is_none_or(|wanted| {
            let value = repository.get(member).and_then(Value::as_str);
            value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        })
    };
    let found: Vec<Document> = repositories
        .into_iter()
        .filter(|it| is(it, "class", &class) && is(it, "subClass", &sub_class))
        .collect();
    Ok(Answer::ok(json!({"repositories": found})))
}

/// A repository that somebody made, as answers show it.
fn shown(call: &Call, itwin: &ITwin, id: &str, repository: &Repository) -> Document {
    let mut members = Document::new();
    members.insert("id".to_owned(), id.into());
    members.extend(repository.document.clone());
    if classes::takes_resources(&repository.document) {
        let uri = format!("{}/itwins/{}/repositories/{id}/resources", call.base, itwin.id);
        members.insert("capabilities".to_owned(), json!({"resources": {"uri": uri}}));
    }
    members
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let itwin_id = itwin.id.clone();
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let class = body.one_of("class", &classes::creatable()).unwrap_or_default();
    let sub_class = body.optional_text("subClass", NAME);
    if !class.is_empty() && !classes::fit(class, sub_class) {
        body.invalid("subClass", "It does not go with the class.");
    }
    let uri = body.text("uri", ADDRESS);
    check_common(&mut body, uri);
    body.verdict(INVALID)?;
    let is_same = |other: &Repository| {
        let same = |member: &str| other.document.get(member) == given.get(member);
        same("class") && same("subClass") && same("uri")
    };
    if itwin.repositories.values().any(is_same) {
        let message = "The iTwin has such a repository already.";
        return Err(ApiError::conflict("iTwinRepositoryExists", message));
    }
    let new_id = Uuid::new_v4().to_string();
    let mut document = kept(&given, &["class", "subClass", "displayName", "uri"]);
    document.entry("displayName").or_insert_with(|| class.into());
    document.extend(kept(&given, &["authentication", "options"]));
    let repository = Repository { document, resources: indexmap::IndexMap::new() };
    let answer = json!({"repository": shown(call, itwin, &new_id, &repository)});
    if let Some(itwin) = state.itwins.get_mut(&itwin_id) {
        itwin.repositories.insert(new_id, repository);
    }
    Ok(Answer::created(answer))
}

/// Checks what may be said when one is made and when it is changed.
fn check_common(body: &mut Body<'_>, uri: Option<&str>) {
    if let Some(uri) = uri
        && url::Url::parse(uri).is_err()
    {
        body.invalid("uri", "It must be an absolute address.");
    }
    body.optional_text("displayName", NAME);
    body.optional_object("options");
    if let Some(authentication) = body.optional_object("authentication") {
        body.part("authentication", authentication, |part| {
            let needed: &[&str] = match part.one_of("type", &["Header", "QueryParameter", "Basic"])
            {
                None => &[],
                Some("Basic") => &["username", "password"],
                Some(_) => &["key", "value"],
            };
            for member in needed {
                part.text(member, ADDRESS);
            }
        });
    }
}

/// The members of these names that are not null.
fn kept(document: &Document, names: &[&str]) -> Document {
    let known = names.iter().filter_map(|name| document.get_key_value(*name));
    known.filter(|(_, value)| !value.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect()
}

fn missing() -> ApiError {
    ApiError::not_found(REPOSITORY_NOT_FOUND, "repository")
}

fn get(call: &Call, id: &str, repository_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    let generated = classes::generated(&call.base, &itwin.id);
    let found = match itwin.repositories.get(repository_id) {
        Some(repository) => shown(call, itwin, repository_id, repository),
        None => generated
            .into_iter()
            .find(|it| it.get("id").is_some_and(|id| id == repository_id))
            .ok_or_else(missing)?,
    };
    Ok(Answer::ok(json!({"repository": found})))
}

/// The iTwin's id, if the repository is one that may be changed.
fn changeable(call: &Call, itwin: &ITwin, repository_id: &str) -> Result<String, ApiError> {
    if itwin.repositories.contains_key(repository_id) {
        return Ok(itwin.id.clone());
    }
    let mut generated = classes::generated(&call.base, &itwin.id).into_iter();
    if generated.any(|it| it.get("id").is_some_and(|id| id == repository_id)) {
        return Err(ApiError::forbidden("The repository is the platform's own."));
    }
    Err(missing())
}

fn update(call: &Call, id: &str, repository_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let itwin_id = changeable(call, itwin, repository_id)?;
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let uri = if body.names("uri") { body.text("uri", ADDRESS) } else { None };
    check_common(&mut body, uri);
    body.verdict(INVALID)?;
    let itwin = state.itwins.get_mut(&itwin_id).ok_or_else(missing)?;
    let repository = itwin.repositories.get_mut(repository_id).ok_or_else(missing)?;
    for name in ["displayName", "uri", "authentication", "options"] {
        match given.get(name) {
            None => {}
            Some(Value::Null) => {
                repository.document.shift_remove(name);
            }
            Some(value) => {
                repository.document.insert(name.to_owned(), value.clone());
            }
        }
    }
    let changed = repository.clone();
    Ok(Answer::ok(json!({"repository": shown(call, itwin, repository_id, &changed)})))
}

fn delete(call: &Call, id: &str, repository_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let itwin_id = changeable(call, itwin, repository_id)?;
    if let Some(itwin) = state.itwins.get_mut(&itwin_id) {
        itwin.repositories.shift_remove(repository_id);
    }
    Ok(Answer::no_content())
}

/// A fault of a query parameter.
fn invalid_parameter(name: &str, message: &str) -> ApiError {
    ApiError::invalid(INVALID, vec![Detail::invalid_value(name, message)])
}
