//! Favorites and recents: iTwins that a user marked or opened.

use serde_json::{Value, json};

use super::{NOT_FOUND, query::Query, show};
use crate::itwin::{
    ApiError,
    routes::{Answer, Call, Ending},
    state::ITwin,
};

/// How many recents are kept.
const RECENTS: usize = 25;

pub(super) fn favorites(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => {
            let ids = call.platform.read().favorites.get(&call.caller.user.id).cloned();
            list(call, &ids.unwrap_or_default())
        }
        ("POST", [id]) => add_favorite(call, id),
        ("DELETE", [id]) => remove_favorite(call, id),
        _ => Err(ApiError::no_route()),
    }
}

pub(super) fn recents(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => {
            let ids = call.platform.read().recents.get(&call.caller.user.id).cloned();
            list(call, &ids.unwrap_or_default())
        }
        ("POST", [id]) => add_recent(call, id),
        _ => Err(ApiError::no_route()),
    }
}

/// A page of the iTwins of these ids that the caller may still see.
fn list(call: &Call, ids: &[String]) -> Result<Answer, ApiError> {
    let mut query = Query::read(call);
    query.verdict()?;
    let state = call.platform.read();
    let found: Vec<&ITwin> = ids
        .iter()
        .filter_map(|id| state.visible(&call.caller, id, NOT_FOUND).ok())
        .map(|(itwin, _)| itwin)
        .filter(|itwin| query.wants(itwin))
        .collect();
    let page: Vec<Value> = query
        .page
        .of(found.iter())
        .into_iter()
        .map(|itwin| show::preferred(call, itwin).into())
        .collect();
    let links = call.links(query.page, found.len(), Ending::Missing);
    Ok(Answer::ok(json!({"iTwins": page, "_links": links})))
}

fn add_favorite(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = state.visible(&call.caller, id, NOT_FOUND)?.0.id.clone();
    let marked = state.favorites.get_or_default(call.caller.user.id.clone());
    if !marked.contains(&id) {
        marked.push(id);
    }
    Ok(Answer::no_content())
}

/// One that is no favorite is no mistake, as long as it is there.
fn remove_favorite(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = state.visible(&call.caller, id, NOT_FOUND)?.0.id.clone();
    if let Some(marked) = state.favorites.get_mut(&call.caller.user.id) {
        marked.retain(|other| *other != id);
    }
    Ok(Answer::no_content())
}

fn add_recent(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = state.visible(&call.caller, id, NOT_FOUND)?.0.id.clone();
    let opened = state.recents.get_or_default(call.caller.user.id.clone());
    opened.retain(|other| *other != id);
    opened.insert(0, id);
    opened.truncate(RECENTS);
    Ok(Answer::no_content())
}
