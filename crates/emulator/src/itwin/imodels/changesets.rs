//! Reading changesets.
//!
//! Our choice: one whose file is not there yet is read by its id or index and is in
//! no list, so that the latest of a list can always be downloaded.

use serde_json::{Value, json};

use super::{
    checkpoints, extended_data, files,
    listing::Listing,
    look::look,
    push, show,
    state::{Changeset, IModel},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    time,
};

/// Digits of the id of a changeset.
const DIGITS: usize = 40;

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => push::create(call, id),
        // Where a changeset would stand; so it comes first.
        ("GET", ["extendeddata"]) => extended_data::list(call, id),
        ("GET", [changeset]) => get(call, id, changeset),
        ("PATCH", [changeset]) => push::complete(call, id, changeset),
        (_, [changeset, "extendeddata"]) => extended_data::answer(call, id, changeset),
        ("GET", [changeset, "checkpoint"]) => checkpoints::of_changeset(call, id, changeset),
        _ => Err(ApiError::no_route()),
    }
}

pub(super) fn missing() -> ApiError {
    ApiError::not_found("ChangesetNotFound", "changeset")
}

/// Whether a text is the id of a changeset, be it there or not.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The index that the word in a path stands for: an id of 40 digits, or an index.
/// Neither that of the baseline nor that of what is still on its way is sorted out.
pub(super) fn index(imodel: &IModel, word: &str) -> Result<usize, ApiError> {
    let next = imodel.changesets.len() + 1;
    let is_pushed = |id: &str| {
        imodel.pushed.as_ref().is_some_and(|pushed| pushed.changeset.id.eq_ignore_ascii_case(id))
    };
    let found = if is_id(word) {
        imodel.index_of(Some(word)).or_else(|| is_pushed(word).then_some(next))
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let last = if imodel.pushed.is_some() { next } else { next - 1 };
        word.parse().ok().filter(|index| *index <= last)
    } else {
        None
    };
    found.ok_or_else(missing)
}

/// The changeset of an index, and whether its file is there.
pub(super) fn at(imodel: &IModel, index: usize) -> Result<(&Changeset, bool), ApiError> {
    let place = index.checked_sub(1).ok_or_else(missing)?;
    if let Some(changeset) = imodel.changesets.get(place) {
        return Ok((changeset, true));
    }
    let pushed = imodel.pushed.as_ref().filter(|_| place == imodel.changesets.len());
    pushed.map(|pushed| (&pushed.changeset, false)).ok_or_else(missing)
}

fn minimal(
    call: &Call,
    imodel: &IModel,
    index: usize,
    changeset: &Changeset,
    is_there: bool,
) -> Value {
    json!({
        "id": changeset.id,
        "displayName": index.to_string(),
        "description": changeset.description,
        "index": index,
        "parentId": changeset.parent_id,
        "creatorId": changeset.creator_id,
        "pushDateTime": time::shown(changeset.pushed),
        "state": if is_there { "fileUploaded" } else { "waitingForFile" },
        "containingChanges": changeset.containing_changes,
        "fileSize": changeset.size,
        "briefcaseId": changeset.briefcase_id,
        "groupId": changeset.group_id,
        "_links": {
            "self": show::link(call, &imodel.id, &format!("changesets/{}", changeset.id)),
            "creator": show::user(call, &imodel.id, &changeset.creator_id),
        },
    })
}

/// Everything there is of a changeset.
pub(super) fn full(
    call: &Call,
    imodel: &IModel,
    index: usize,
    changeset: &Changeset,
    is_there: bool,
) -> Value {
    let version = imodel.named_versions.iter().find(|(_, version)| version.index == index);
    let version =
        version.map(|(id, _)| show::link(call, &imodel.id, &format!("namedversions/{id}")));
    let checkpoint = checkpoints::latest(call, imodel, index)
        .map(|_| show::link(call, &imodel.id, &format!("changesets/{}/checkpoint", changeset.id)));
    let file = files::changeset(&changeset.id);
    let download = is_there.then(|| files::download(&call.platform, &imodel.id, &file));
    let more = json!({
        "application": changeset.program,
        "synchronizationInfo": changeset.synchronization_info,
    });
    let links = json!({
        "namedVersion": version,
        "currentOrPrecedingCheckpoint": checkpoint,
        "download": download,
    });
    let shown = minimal(call, imodel, index, changeset, is_there);
    show::with_links(show::with(shown, more), links)
}

fn get(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let index = index(imodel, word)?;
    let (changeset, is_there) = at(imodel, index)?;
    Ok(Answer::ok(json!({"changeset": full(call, imodel, index, changeset, is_there)})))
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let after = listing.number("afterIndex").unwrap_or(0);
    let last = listing.number("lastIndex").unwrap_or(usize::MAX);
    let order = listing.order(&["index"]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let mut found: Vec<(usize, &Changeset)> = (1..)
        .zip(&imodel.changesets)
        .filter(|(index, _)| *index > after && *index <= last)
        .collect();
    if let Some(order) = order {
        order.sort(&mut found, |_, (index, _), (other, _)| index.cmp(other));
    }
    let everything = call.wants_representation();
    Ok(paging.answer("changesets", found, |(index, changeset)| {
        if everything {
            full(call, imodel, index, changeset, true)
        } else {
            minimal(call, imodel, index, changeset, true)
        }
    }))
}
