//! Locks of files, set and taken for several files of one folder at once.

use serde_json::{Value, json};

use super::{
    INVALID,
    drives::{Item, Nature},
    folder, place,
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

/// 422 if another user has locked the file.
pub(super) fn check(call: &Call, file: &Item) -> Result<(), ApiError> {
    if is_foreign(call, file) { Err(locked("fileId".to_owned())) } else { Ok(()) }
}

fn is_foreign(call: &Call, file: &Item) -> bool {
    file.locked_by().is_some_and(|user_id| user_id != call.caller.user.id)
}

fn locked(target: String) -> ApiError {
    let detail = Detail::invalid_value(target, "Another user has locked the file.");
    ApiError::invalid(INVALID, vec![detail])
}

pub(super) fn lock(call: &Call, folder_id: &str) -> Result<Answer, ApiError> {
    set(call, folder_id, true)
}

pub(super) fn unlock(call: &Call, folder_id: &str) -> Result<Answer, ApiError> {
    set(call, folder_id, false)
}

/// All of the files or none.
fn set(call: &Call, folder_id: &str, is_locking: bool) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let mut state = call.platform.write();
    folder(call, &state, folder_id, Permission::STORAGE_WRITE)?;
    let (_, standing) = place(call, &state, folder_id, Nature::Folder, Permission::STORAGE_WRITE)?;
    let overrules = !is_locking && standing.owns();
    let files = given(call, &state, folder_id)?;
    for (index, file) in files.iter().enumerate() {
        if is_foreign(call, file) && !overrules {
            return Err(locked(format!("fileIds[{index}]")));
        }
    }
    let locked_by = is_locking.then(|| call.caller.user.id.clone());
    let mut shown: Vec<Value> = Vec::new();
    for mut file in files {
        if let Some(content) = &mut file.content {
            content.locked_by.clone_from(&locked_by);
        }
        shown.push(shower.item(&state.drives, &file));
        state.drives.insert(file);
    }
    Ok(Answer::ok(json!({"files": shown})))
}

/// The files that the body names, all of this folder.
fn given(call: &Call, state: &State, folder_id: &str) -> Result<Vec<Item>, ApiError> {
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let ids = body.list("fileIds");
    if ids.is_some_and(|ids| !ids.iter().all(Value::is_string)) {
        body.invalid("fileIds", "It must be a list of ids.");
    }
    body.verdict(INVALID)?;
    let ids = ids.into_iter().flatten().filter_map(Value::as_str).enumerate();
    ids.map(|(index, id)| {
        let file = state.drives.shown(id, Nature::File);
        let file = file.filter(|file| file.parent_id == folder_id).cloned();
        file.ok_or_else(|| Nature::File.missing().at(format!("fileIds[{index}]")))
    })
    .collect()
}
