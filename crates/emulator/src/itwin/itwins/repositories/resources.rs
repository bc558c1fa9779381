//! Resources of repositories.

use serde_json::{Value, json};

use super::{REPOSITORY_NOT_FOUND, classes};
use crate::itwin::{
    ApiError,
    access::Permission,
    itwins::{INVALID, NOT_FOUND},
    routes::{Answer, Call, Ending},
    rules::Body,
    state::{Document, ITwin, Repository},
};

/// Longest id, and longest name.
const TEXT: usize = 255;

pub(super) fn missing() -> ApiError {
    ApiError::not_found("iTwinRepositoryResourceNotFound", "resource")
}

/// A repository that somebody made, or none for a generated one.
fn repository<'i>(
    call: &Call,
    itwin: &'i ITwin,
    id: &str,
) -> Result<Option<&'i Repository>, ApiError> {
    let made = itwin.repositories.get(id);
    let mut generated = classes::generated(&call.base, &itwin.id).into_iter();
    if made.is_none() && !generated.any(|it| it.get("id").is_some_and(|known| known == id)) {
        return Err(ApiError::not_found(REPOSITORY_NOT_FOUND, "repository"));
    }
    Ok(made)
}

/// Where the resources of a repository that somebody made are looked at.
fn place(itwin: &ITwin, repository_id: &str) -> String {
    format!("/itwins/{}/repositories/{repository_id}/resources", itwin.id)
}

/// A resource as answers show it, by the path of its list; `properties` only if
/// everything is asked for.
pub(super) fn shown(call: &Call, list: &str, resource: &Document) -> Value {
    let mut members = resource.clone();
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    let uri = format!("{}{list}/{id}/graphics", call.base);
    members.insert("capabilities".to_owned(), json!({"graphics": {"uri": uri}}));
    if call.wants_representation() {
        members.insert("properties".to_owned(), json!({}));
    }
    members.into()
}

pub(super) fn list(call: &Call, id: &str, repository_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    let repository = repository(call, itwin, repository_id)?;
    let resources = repository.into_iter().flat_map(|repository| repository.resources.values());
    page(call, &place(itwin, repository_id), resources)
}

/// A page of those resources that are searched for; `list` is the path of the
/// list.
pub(super) fn page<'r>(
    call: &Call,
    list: &str,
    resources: impl IntoIterator<Item = &'r Document>,
) -> Result<Answer, ApiError> {
    let page = call.page(INVALID)?;
    let search = call.parameter("$search").unwrap_or_default().to_lowercase();
    let has = |resource: &Document, member: &str| {
        let value = resource.get(member).and_then(Value::as_str).unwrap_or_default();
        value.to_lowercase().contains(&search)
    };
    let found: Vec<&Document> = resources
        .into_iter()
        .filter(|resource| has(resource, "displayName") || has(resource, "id"))
        .collect();
    let resources: Vec<Value> =
        page.of(found.iter()).into_iter().map(|resource| shown(call, list, resource)).collect();
    let links = call.links(page, found.len(), Ending::Missing);
    Ok(Answer::ok(json!({"resources": resources, "_links": links})))
}

pub(super) fn create(call: &Call, id: &str, repository_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let repository = repository(call, itwin, repository_id)?;
    let Some(repository) = repository.filter(|it| classes::takes_resources(&it.document)) else {
        return Err(ApiError::forbidden("The repository takes no resources."));
    };
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let (resource_id, name) = (body.text("id", TEXT), body.text("displayName", TEXT));
    body.verdict(INVALID)?;
    let resource_id = resource_id.unwrap_or_default().to_owned();
    if repository.resources.contains_key(&resource_id) {
        let message = "The repository has such a resource already.";
        return Err(ApiError::conflict("iTwinRepositoryResourceExists", message));
    }
    let mut resource = Document::new();
    resource.insert("id".to_owned(), resource_id.clone().into());
    for member in ["class", "subClass"] {
        if let Some(value) = repository.document.get(member) {
            resource.insert(member.to_owned(), value.clone());
        }
    }
    resource.insert("displayName".to_owned(), name.into());
    let answer = json!({"resource": shown(call, &place(itwin, repository_id), &resource)});
    let itwin_id = itwin.id.clone();
    let itwin = state.itwins.get_mut(&itwin_id);
    if let Some(repository) = itwin.and_then(|it| it.repositories.get_mut(repository_id)) {
        repository.resources.insert(resource_id, resource);
    }
    Ok(Answer::created(answer))
}

pub(super) fn get(
    call: &Call,
    id: &str,
    repository_id: &str,
    resource_id: &str,
) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    let repository = repository(call, itwin, repository_id)?;
    let resource = repository.and_then(|it| it.resources.get(resource_id)).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"resource": shown(call, &place(itwin, repository_id), resource)})))
}

/// A missing repository is told as a missing resource, as the platform does.
pub(super) fn delete(
    call: &Call,
    id: &str,
    repository_id: &str,
    resource_id: &str,
) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let itwin_id = itwin.id.clone();
    let itwin = state.itwins.get_mut(&itwin_id);
    let repository = itwin.and_then(|it| it.repositories.get_mut(repository_id));
    let gone = repository.and_then(|it| it.resources.shift_remove(resource_id));
    gone.map(|_| Answer::no_content()).ok_or_else(missing)
}

/// A missing repository or resource has no graphics, which is no mistake.
pub(super) fn graphics(
    call: &Call,
    id: &str,
    repository_id: &str,
    resource_id: &str,
) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    let repository = itwin.repositories.get(repository_id);
    let found = repository.filter(|it| it.resources.contains_key(resource_id)).map(|it| {
        let mut graphics = Document::new();
        let kind = it.document.get("subClass").cloned().unwrap_or(Value::Null);
        graphics.insert("type".to_owned(), kind);
        for member in ["uri", "authentication"] {
            if let Some(value) = it.document.get(member) {
                graphics.insert(member.to_owned(), value.clone());
            }
        }
        Value::from(graphics)
    });
    Ok(Answer::ok(json!({"graphics": found.into_iter().collect::<Vec<_>>()})))
}
