//! Favorites and recents: iModels that a user marked or opened.
//!
//! Our choices: an iTwin that the caller may not see has none; recents are kept like
//! those of iTwins, 25 of them; taking away what is not marked is no mistake.

use super::{listing::Listing, look::look, show, state::IModel};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    state::State,
};

/// How many recents are kept.
const RECENTS: usize = 25;

pub(super) fn favorites(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, |state, user_id| state.imodels.favorites.get(user_id)),
        ("PUT", [id]) => add_favorite(call, id),
        ("DELETE", [id]) => {
            remove(call, id, |state, user_id| state.imodels.favorites.get_mut(user_id))
        }
        _ => Err(ApiError::no_route()),
    }
}

pub(super) fn recents(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, |state, user_id| state.imodels.recents.get(user_id)),
        ("POST", [id]) => add_recent(call, id),
        ("DELETE", [id]) => {
            remove(call, id, |state, user_id| state.imodels.recents.get_mut(user_id))
        }
        _ => Err(ApiError::no_route()),
    }
}

fn list(
    call: &Call,
    marked: for<'s> fn(&'s State, &str) -> Option<&'s Vec<String>>,
) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let itwin_id = listing.needed("iTwinId").unwrap_or_default();
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let found: Vec<&IModel> = marked(&state, &call.caller.user.id)
        .into_iter()
        .flatten()
        .filter_map(|id| look(call, &state, id, Permission::IMODELS_WEBVIEW).ok())
        .map(|seen| seen.imodel)
        .filter(|imodel| imodel.itwin_id.eq_ignore_ascii_case(&itwin_id))
        .collect();
    Ok(paging.answer("iModels", found, |imodel| show::preferred(call, imodel)))
}

fn add_favorite(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel.id.clone();
    let marked = state.imodels.favorites.get_or_default(call.caller.user.id.clone());
    if !marked.contains(&id) {
        marked.push(id);
    }
    Ok(Answer::no_content())
}

fn add_recent(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel.id.clone();
    let opened = state.imodels.recents.get_or_default(call.caller.user.id.clone());
    opened.retain(|other| *other != id);
    opened.insert(0, id);
    opened.truncate(RECENTS);
    Ok(Answer::no_content())
}

fn remove(
    call: &Call,
    id: &str,
    marked: for<'s> fn(&'s mut State, &str) -> Option<&'s mut Vec<String>>,
) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel.id.clone();
    if let Some(marked) = marked(&mut state, &call.caller.user.id) {
        marked.retain(|other| *other != id);
    }
    Ok(Answer::no_content())
}
