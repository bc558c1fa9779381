//! One folder: making it, reading it, changing it, moving it, deleting it.

use serde_json::{Value, json};

use super::{
    INVALID,
    drives::{Item, Nature},
    folder, ids, made_folder,
    names::{self, Draft},
    show::Shower,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::State,
};

fn shown(folder: Value) -> Value {
    json!({"folder": folder})
}

/// An item without content, that the caller makes now.
pub(super) fn new_item(call: &Call, itwin_id: &str, folder_id: &str, draft: &Draft<'_>) -> Item {
    let (now, user_id) = (call.platform.now(), &call.caller.user.id);
    Item {
        id: ids::new(itwin_id),
        itwin_id: itwin_id.to_owned(),
        parent_id: folder_id.to_owned(),
        name: draft.name.unwrap_or_default().to_owned(),
        description: draft.description.flatten().map(str::to_owned),
        created: now,
        created_by: user_id.clone(),
        modified: now,
        modified_by: user_id.clone(),
        deleted: None,
        content: None,
    }
}

pub(super) fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    let itwin = folder(call, &state, id, Permission::STORAGE_WRITE)?;
    let document = call.object(INVALID)?;
    let draft = Draft::read(&document, Nature::Folder, true)?;
    let item = new_item(call, &itwin.id, id, &draft);
    names::check_free(&state.drives, id, &item.name, None, Nature::Folder)?;
    state.drives.insert(item.clone());
    Ok(Answer::created(shown(shower.item(&state.drives, &item))))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    let itwin = folder(call, &state, id, Permission::STORAGE_READ)?;
    let found = state.drives.shown(id, Nature::Folder);
    let folder = found.map_or_else(|| shower.root(itwin), |item| shower.item(&state.drives, item));
    Ok(Answer::ok(shown(folder)))
}

/// Gives an item what a body says of it; answers the item as it is then.
pub(super) fn change(call: &Call, state: &mut State, mut item: Item) -> Result<Item, ApiError> {
    let document = call.object(INVALID)?;
    let draft = Draft::read(&document, item.nature(), false)?;
    if let Some(name) = draft.name {
        names::check_free(&state.drives, &item.parent_id, name, Some(&item.id), item.nature())?;
        name.clone_into(&mut item.name);
    }
    if let Some(description) = draft.description {
        item.description = description.map(str::to_owned);
    }
    Ok(store(call, state, item))
}

/// Moves an item to the folder that a body names; answers the item as it is then.
pub(super) fn carry(call: &Call, state: &mut State, mut item: Item) -> Result<Item, ApiError> {
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let target = body.text("parentFolderId", 255).unwrap_or_default();
    body.verdict(INVALID)?;
    let itwin = folder(call, state, target, Permission::STORAGE_WRITE)?;
    let refused = |what: &str| {
        ApiError::invalid(INVALID, vec![Detail::invalid_value("parentFolderId", what)])
    };
    if itwin.id != item.itwin_id {
        return Err(refused("It is a folder of another iTwin."));
    }
    if item.nature() == Nature::Folder && state.drives.is_in(target, &item.id) {
        return Err(refused("It is the folder itself, or lies in it."));
    }
    names::check_free(&state.drives, target, &item.name, Some(&item.id), item.nature())?;
    target.clone_into(&mut item.parent_id);
    Ok(store(call, state, item))
}

fn store(call: &Call, state: &mut State, mut item: Item) -> Item {
    item.modified = call.platform.now();
    item.modified_by.clone_from(&call.caller.user.id);
    state.drives.insert(item.clone());
    item
}

/// Puts an item into the recycle bin, and takes out what lay there too long.
pub(super) fn discard(call: &Call, state: &mut State, id: &str) {
    let now = call.platform.now();
    if let Some(item) = state.drives.get_mut(id) {
        item.deleted = Some(now);
    }
    for blob in state.drives.sweep(now) {
        call.platform.storage.remove(super::CONTENTS, &blob);
    }
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    let item = made_folder(call, &state, id, Permission::STORAGE_WRITE)?.clone();
    let item = change(call, &mut state, item)?;
    Ok(Answer::ok(shown(shower.item(&state.drives, &item))))
}

pub(super) fn relocate(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    let item = made_folder(call, &state, id, Permission::STORAGE_WRITE)?.clone();
    let item = carry(call, &mut state, item)?;
    Ok(Answer::ok(shown(shower.item(&state.drives, &item))))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    made_folder(call, &state, id, Permission::STORAGE_DELETE)?;
    discard(call, &mut state, id);
    Ok(Answer::no_content())
}
