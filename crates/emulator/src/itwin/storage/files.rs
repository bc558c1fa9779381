//! One file: making it, reading it, changing it, moving it, deleting it; and the
//! way of its content, which goes by signed addresses.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    CONTENTS, INVALID,
    drives::{Content, Item, Nature},
    file, folder,
    folders::{carry, change, discard, new_item},
    locks,
    names::{self, Draft},
    place,
    show::Shower,
};
use crate::{
    itwin::{
        ApiError,
        access::Permission,
        errors::Detail,
        routes::{Answer, Call},
    },
    storage::Permissions,
};

fn shown(file: Value) -> Answer {
    Answer::ok(json!({"file": file}))
}

/// Where content goes, and how to complete it.
fn upload(call: &Call, file_id: &str, blob: &str) -> Answer {
    let storage = &call.platform.storage;
    let lifetime = call.platform.config.signed_url;
    let url = storage.signed_url(CONTENTS, blob, Permissions::write(), lifetime);
    let complete = format!("{}/storage/files/{file_id}/complete", call.base);
    let links = json!({"completeUrl": {"href": complete}, "uploadUrl": {"href": url}});
    Answer::accepted(Some(json!({"_links": links})))
}

pub(super) fn create(call: &Call, folder_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let itwin = folder(call, &state, folder_id, Permission::STORAGE_WRITE)?;
    let document = call.object(INVALID)?;
    let draft = Draft::read(&document, Nature::File, true)?;
    let mut item = new_item(call, &itwin.id, folder_id, &draft);
    names::check_free(&state.drives, folder_id, &item.name, None, Nature::File)?;
    let blob = Uuid::new_v4().to_string();
    let answer = upload(call, &item.id, &blob);
    item.content = Some(Content { upload: Some(blob), ..Content::default() });
    state.drives.insert(item);
    Ok(answer)
}

pub(super) fn update_content(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    locks::check(call, file(call, &state, id, Permission::STORAGE_WRITE)?)?;
    let blob = Uuid::new_v4().to_string();
    let answer = upload(call, id, &blob);
    let content = state.drives.get_mut(id).and_then(|item| item.content.as_mut());
    let abandoned = content.and_then(|content| content.upload.replace(blob));
    if let Some(abandoned) = abandoned {
        call.platform.storage.remove(CONTENTS, &abandoned);
    }
    Ok(answer)
}

pub(super) fn complete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    place(call, &state, id, Nature::File, Permission::STORAGE_WRITE)?;
    let item = state.drives.kept(id, Nature::File).ok_or_else(|| Nature::File.missing())?;
    let mut item = item.clone();
    locks::check(call, &item)?;
    if let Some(content) = &mut item.content
        && let Some(blob) = content.upload.take()
    {
        let Some(size) = call.platform.storage.size(CONTENTS, &blob) else {
            let detail = Detail::invalid_value("fileId", "Nothing was put to its uploadUrl.");
            return Err(ApiError::invalid(INVALID, vec![detail]));
        };
        if content.blob.is_none() {
            names::check_free(&state.drives, &item.parent_id, &item.name, None, Nature::File)?;
        }
        content.size = size;
        if let Some(old) = content.blob.replace(blob) {
            call.platform.storage.remove(CONTENTS, &old);
        }
        item.modified = call.platform.now();
        item.modified_by.clone_from(&call.caller.user.id);
        state.drives.insert(item.clone());
    }
    Ok(shown(shower.item(&state.drives, &item)))
}

pub(super) fn download(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let file = file(call, &state, id, Permission::STORAGE_READ)?;
    let blob = file.blob().ok_or_else(|| Nature::File.missing())?;
    let lifetime = call.platform.config.signed_url;
    let url = call.platform.storage.signed_url(CONTENTS, blob, Permissions::read(), lifetime);
    Ok(Answer::found(url))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    let file = file(call, &state, id, Permission::STORAGE_READ)?;
    Ok(shown(shower.item(&state.drives, file)))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    let item: Item = file(call, &state, id, Permission::STORAGE_WRITE)?.clone();
    locks::check(call, &item)?;
    let item = change(call, &mut state, item)?;
    Ok(shown(shower.item(&state.drives, &item)))
}

pub(super) fn relocate(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    let item: Item = file(call, &state, id, Permission::STORAGE_WRITE)?.clone();
    locks::check(call, &item)?;
    let item = carry(call, &mut state, item)?;
    Ok(shown(shower.item(&state.drives, &item)))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    locks::check(call, file(call, &state, id, Permission::STORAGE_DELETE)?)?;
    discard(call, &mut state, id);
    Ok(Answer::no_content())
}
