//! Lists: what lies in a folder, and what a search finds.

use serde_json::{Value, json};

use super::{
    INVALID,
    drives::{Item, Nature},
    folder, ids, names,
    show::Shower,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, Ending},
    rules::is_guid,
    state::{ITwin, State},
};

/// The iTwin that a list is asked of.
pub(super) fn asked_itwin<'s>(call: &Call, state: &'s State) -> Result<&'s ITwin, ApiError> {
    let given = call.parameter("iTwinId").or_else(|| call.parameter("projectId"));
    let refused = |detail: Detail| ApiError::invalid(INVALID, vec![detail]);
    let given = given.ok_or_else(|| refused(Detail::missing_parameter("iTwinId")))?;
    if !is_guid(&given) {
        return Err(refused(Detail::invalid_value("iTwinId", "It must be a GUID.")));
    }
    let (itwin, standing) = state.visible(&call.caller, &given, "").map_err(|_| {
        let message = "There is no such iTwin, or the caller may not see it.";
        refused(Detail::invalid_value("iTwinId", message))
    })?;
    standing.require(Permission::STORAGE_READ)?;
    Ok(itwin)
}

/// A page of these items as the member of this name.
pub(super) fn page(
    call: &Call,
    shower: &Shower<'_>,
    state: &State,
    member: &str,
    items: &[&Item],
) -> Result<Value, ApiError> {
    let page = call.page(INVALID)?;
    let shown: Vec<Value> =
        page.of(items.iter()).into_iter().map(|item| shower.item(&state.drives, item)).collect();
    let links = call.links(page, items.len(), Ending::Endless);
    Ok(json!({member: shown, "_links": links}))
}

pub(super) fn top_level(call: &Call) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    let root = ids::root(&asked_itwin(call, &state)?.id);
    let mut body = page(call, &shower, &state, "items", &state.drives.within(&root))?;
    if let Some(links) = body.get_mut("_links").and_then(Value::as_object_mut) {
        links.insert("folder".to_owned(), shower.folder_link(&root));
    }
    Ok(Answer::ok(body))
}

pub(super) fn items(call: &Call, id: &str) -> Result<Answer, ApiError> {
    list(call, id, "items", |_| true)
}

pub(super) fn folders(call: &Call, id: &str) -> Result<Answer, ApiError> {
    list(call, id, "folders", |item| item.nature() == Nature::Folder)
}

pub(super) fn files(call: &Call, id: &str) -> Result<Answer, ApiError> {
    list(call, id, "files", |item| item.nature() == Nature::File)
}

fn list(
    call: &Call,
    id: &str,
    member: &str,
    wants: impl Fn(&Item) -> bool,
) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    folder(call, &state, id, Permission::STORAGE_READ)?;
    let mut found = state.drives.within(id);
    found.retain(|item| wants(item));
    page(call, &shower, &state, member, &found).map(Answer::ok)
}

pub(super) fn search(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    folder(call, &state, id, Permission::STORAGE_READ)?;
    let Some(name) = call.parameter("name").filter(|name| !name.is_empty()) else {
        return Err(ApiError::invalid(INVALID, vec![Detail::missing_parameter("name")]));
    };
    let mut found = state.drives.below(id);
    found.retain(|item| names::matches(&name, &item.name));
    page(call, &shower, &state, "items", &found).map(Answer::ok)
}
