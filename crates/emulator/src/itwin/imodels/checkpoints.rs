//! Checkpoints: iModels as they were at a changeset, ready to be opened.
//!
//! Our choices: there is one of the baseline as soon as the iModel is initialized,
//! and one of each named version after its time; its content is the baseline file,
//! since changesets are not applied. What is asked for by a changeset or for a new
//! briefcase is the last one that is ready, or 404. Asking to make one anew makes it
//! `scheduled` again.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    changesets, files,
    look::{change, look},
    named_versions, show,
    state::IModel,
};
use crate::{
    itwin::{
        ApiError, Platform,
        access::Permission,
        routes::{Answer, Call},
    },
    storage::{ACCOUNT, Permissions},
};

/// What the checkpoint of an iModel that began empty holds: the head of a database
/// file.
const EMPTY: &[u8] = b"SQLite format 3\0";

fn missing() -> ApiError {
    ApiError::not_found("CheckpointNotFound", "checkpoint")
}

/// When a checkpoint is ready that is asked for now.
pub(super) fn ready_from_now(call: &Call) -> Timestamp {
    let step = call.platform.config.checkpoint_step;
    call.platform.now().saturating_add(step).unwrap_or(Timestamp::MAX)
}

/// The index of the last checkpoint that is ready, up to this one.
pub(super) fn latest(call: &Call, imodel: &IModel, index: usize) -> Option<usize> {
    let now = call.platform.now();
    let mut ready = imodel.checkpoints.range(..=index).filter(|(_, ready)| **ready <= now);
    ready.next_back().map(|(index, _)| *index).filter(|_| imodel.is_initialized(now))
}

fn shown(call: &Call, imodel: &IModel, index: usize, is_ready: bool) -> Value {
    let checkpoint = json!({
        "changesetId": imodel.id_at(index),
        "changesetIndex": index,
        "state": if is_ready { "successful" } else { "scheduled" },
        "dbName": null,
        "directoryAccessInfo": null,
        "containerAccessInfo": null,
        "_links": {"download": null},
    });
    if !is_ready {
        return checkpoint;
    }
    let platform = &call.platform;
    let directory = format!("checkpoints/{index}");
    let name = format!("{}.bim", imodel.id);
    let file = format!("{directory}/{name}");
    let more = json!({
        "size": stored(platform, imodel, &file),
        "dbName": name,
        "directoryAccessInfo": access(platform, imodel, &directory),
        "_links": {"download": files::download(platform, &imodel.id, &file)},
    });
    show::with(checkpoint, more)
}

/// Stores the file of a checkpoint unless it is there; answers its size.
fn stored(platform: &Platform, imodel: &IModel, file: &str) -> u64 {
    if let Some(length) = files::length(platform, &imodel.id, file) {
        return length;
    }
    if !files::double(platform, &imodel.id, files::BASELINE, file) {
        files::put(platform, &imodel.id, file, Bytes::from_static(EMPTY));
    }
    files::length(platform, &imodel.id, file).unwrap_or_default()
}

/// Access to the directory of a checkpoint, by a signature for the whole container.
fn access(platform: &Platform, imodel: &IModel, directory: &str) -> Value {
    let container = files::container(&imodel.id);
    let lifetime = platform.config.signed_url;
    let signed = platform.storage.signed_container_url(&container, Permissions::read(), lifetime);
    let (base_url, token) = signed.split_once('?').unwrap_or((&signed, ""));
    json!({
        "baseUrl": base_url,
        "storage": ACCOUNT,
        "baseDirectory": directory,
        "storageType": "azure",
        "azure": {"sasToken": token},
    })
}

fn latest_answer(call: &Call, imodel: &IModel, index: usize) -> Result<Answer, ApiError> {
    let index = latest(call, imodel, index).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"checkpoint": shown(call, imodel, index, true)})))
}

/// The last one there is, to begin a briefcase with.
pub(super) fn of_briefcases(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_READ)?.imodel;
    latest_answer(call, imodel, imodel.changesets.len())
}

/// The last one up to a changeset.
pub(super) fn of_changeset(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_READ)?.imodel;
    let index = changesets::index(imodel, word)?;
    latest_answer(call, imodel, index)
}

/// That of a named version, and asking to make it anew.
pub(super) fn of_version(call: &Call, id: &str, version_id: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => {
            let state = call.platform.read();
            let imodel = look(call, &state, id, Permission::IMODELS_READ)?.imodel;
            version_answer(call, imodel, version_id)
        }
        "PUT" => {
            let ready = ready_from_now(call);
            let mut state = call.platform.write();
            let imodel = change(call, &mut state, id, Permission::IMODELS_WRITE)?;
            let version = imodel.named_versions.get(version_id);
            let index = version.ok_or_else(named_versions::missing)?.index;
            imodel.checkpoints.insert(index, ready);
            version_answer(call, imodel, version_id)
        }
        _ => Err(ApiError::no_route()),
    }
}

fn version_answer(call: &Call, imodel: &IModel, version_id: &str) -> Result<Answer, ApiError> {
    let version = imodel.named_versions.get(version_id).ok_or_else(named_versions::missing)?;
    let ready = imodel.checkpoints.get(&version.index).ok_or_else(missing)?;
    let is_ready = *ready <= call.platform.now();
    Ok(Answer::ok(json!({"checkpoint": shown(call, imodel, version.index, is_ready)})))
}
