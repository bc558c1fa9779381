//! Pushing a changeset: telling of it, putting its file, saying that the file is
//! there.
//!
//! Our choices: whoever began a push is in the way of other briefcases until the
//! signed address for the file expires, and may begin again; a parent that is there
//! and not the latest is `NewerChangesExist`, with the elements that were let go
//! since; saying once more that the file is there does nothing.

use serde_json::{Value, json};

use super::{
    INVALID, TEXT, briefcases,
    changesets::{self, is_id},
    draft, files, invalid,
    look::{look, require_initialized},
    show,
    state::{Changeset, IModel, Pushed},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::{Document, State},
};

/// The member `containingChanges`: all its bit flags.
const ALL_CHANGES: i64 = 127;
/// Most characters of a description.
const DESCRIPTION: usize = 255;

/// What a body tells of a changeset.
struct Told {
    id: String,
    description: Option<String>,
    parent_id: String,
    briefcase_id: Option<i64>,
    containing_changes: i64,
    size: u64,
    group_id: Option<String>,
    synchronization_info: Option<Document>,
}

impl Told {
    fn read(call: &Call) -> Result<Self, ApiError> {
        let document = call.object(INVALID)?;
        let mut body = Body::new(&document);
        let id = id_of(&mut body, "id", true).unwrap_or_default();
        let synchronization_info = body.optional_object("synchronizationInfo");
        if let Some(info) = synchronization_info {
            body.part("synchronizationInfo", info, |part| {
                part.text("taskId", TEXT);
                part.optional_texts("changedFiles");
            });
        }
        let told = Self {
            id,
            description: body.optional_any_text("description", DESCRIPTION).map(str::to_owned),
            parent_id: id_of(&mut body, "parentId", false).unwrap_or_default(),
            briefcase_id: body.integer("briefcaseId", 0..=i64::MAX),
            containing_changes: body
                .optional_integer("containingChanges", 0..=ALL_CHANGES)
                .unwrap_or_default(),
            size: body.integer("fileSize", 1..=i64::MAX).unwrap_or_default().unsigned_abs(),
            group_id: body.optional_guid("groupId").map(str::to_ascii_lowercase),
            synchronization_info: synchronization_info.cloned(),
        };
        body.verdict(INVALID)?;
        Ok(told)
    }
}

/// The id of a changeset in a body, in lower case. One that may be missing may be
/// empty, too, which is the baseline.
fn id_of(body: &mut Body<'_>, member: &str, is_needed: bool) -> Option<String> {
    let text = if is_needed {
        body.text(member, TEXT)?
    } else {
        body.optional_any_text(member, TEXT).filter(|text| !text.is_empty())?
    };
    if !is_id(text) {
        body.invalid(member, "It must be 40 hexadecimal digits.");
        return None;
    }
    Some(text.to_ascii_lowercase())
}

pub(super) fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    look(call, &state, id, Permission::IMODELS_WRITE)?;
    let told = Told::read(call)?;
    let (imodel, changeset) = checked(call, &state, id, told)?;
    let (id, index) = (imodel.id.clone(), imodel.changesets.len() + 1);
    let shown = changesets::full(call, imodel, index, &changeset, false);
    let file = files::changeset(&changeset.id);
    let links = json!({
        "upload": files::upload(&call.platform, &id, &file),
        "complete": show::link(call, &id, &format!("changesets/{}", changeset.id)),
    });
    let shown = show::with_links(shown, links);
    let now = call.platform.now();
    let expires =
        now.saturating_add(call.platform.config.signed_url).unwrap_or(jiff::Timestamp::MAX);
    state.imodels.get_mut(&id)?.pushed = Some(Pushed { changeset, expires });
    Ok(Answer::created(json!({"changeset": shown})))
}

fn checked<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    told: Told,
) -> Result<(&'s IModel, Changeset), ApiError> {
    let seen = look(call, state, id, Permission::IMODELS_WRITE)?;
    let imodel = seen.imodel;
    require_initialized(call, imodel)?;
    let (briefcase_id, briefcase) = briefcases::find(imodel, told.briefcase_id)?;
    briefcases::require_own(call, &seen, briefcase, Permission::IMODELS_MANAGE)?;
    if imodel.index_of(Some(&told.id)).is_some() {
        let message = "There is a changeset of this id already.";
        return Err(ApiError::conflict("ChangesetExists", message).at("id"));
    }
    let now = call.platform.now();
    let other = imodel.pushed.as_ref().filter(|pushed| now < pushed.expires);
    if other.is_some_and(|pushed| pushed.changeset.briefcase_id != briefcase_id) {
        let message = "Another briefcase is pushing a changeset.";
        return Err(ApiError::conflict("AnotherUserPushing", message));
    }
    check_parent(imodel, &told.parent_id)?;
    if let Some(group_id) = &told.group_id {
        let is_open = imodel.groups.get(group_id).is_some_and(|group| !group.is_completed);
        if !is_open {
            let message = "There is no such changeset group, or none in progress.";
            return Err(invalid(Detail::invalid_value("groupId", message)));
        }
    }
    let changeset = Changeset {
        id: told.id,
        description: told.description,
        parent_id: told.parent_id,
        creator_id: call.caller.user.id.clone(),
        program: draft::program(call),
        briefcase_id,
        pushed: now,
        containing_changes: told.containing_changes,
        size: told.size,
        group_id: told.group_id,
        synchronization_info: told.synchronization_info,
        extended_data: None,
    };
    Ok((imodel, changeset))
}

fn check_parent(imodel: &IModel, parent_id: &str) -> Result<(), ApiError> {
    let latest = imodel.changesets.len();
    match imodel.index_of(Some(parent_id)) {
        Some(index) if index == latest => Ok(()),
        Some(index) => {
            let objects: Vec<&str> =
                imodel.locks.released_after(index).into_values().flatten().collect();
            let message = "The parent is not the latest changeset.";
            let error = ApiError::conflict("NewerChangesExist", message).at("parentId");
            Err(error.with_member("objectIds", json!(objects)))
        }
        None => Err(invalid(Detail::invalid_value("parentId", "There is no such changeset."))),
    }
}

pub(super) fn complete(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WRITE)?;
    let imodel = seen.imodel;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    body.one_of("state", &["fileUploaded"]);
    let briefcase_id = body.integer("briefcaseId", 0..=i64::MAX);
    body.verdict(INVALID)?;
    let index = changesets::index(imodel, word)?;
    let (changeset, is_there) = changesets::at(imodel, index)?;
    if briefcase_id != Some(i64::from(changeset.briefcase_id)) {
        let message = "The changeset is of another briefcase.";
        return Err(invalid(Detail::invalid_value("briefcaseId", message)));
    }
    if changeset.creator_id != call.caller.user.id {
        seen.require(Permission::IMODELS_MANAGE)?;
    }
    if is_there {
        return Ok(shown(changesets::full(call, imodel, index, changeset, true)));
    }
    check_file(call, imodel, changeset)?;
    let content = json!({
        "imodelId": imodel.id,
        "changesetId": changeset.id,
        "changesetIndex": index.to_string(),
        "userId": changeset.creator_id,
    });
    call.platform.tell("iModels.changesReady.v1", seen.itwin, content);
    let id = imodel.id.clone();
    let imodel = state.imodels.get_mut(&id)?;
    if let Some(Pushed { mut changeset, .. }) = imodel.pushed.take() {
        changeset.pushed = call.platform.now();
        imodel.changesets.push(changeset);
    }
    let (changeset, _) = changesets::at(imodel, index)?;
    Ok(shown(changesets::full(call, imodel, index, changeset, true)))
}

fn shown(changeset: Value) -> Answer {
    Answer::ok(json!({"changeset": changeset}))
}

fn check_file(call: &Call, imodel: &IModel, changeset: &Changeset) -> Result<(), ApiError> {
    match files::length(&call.platform, &imodel.id, &files::changeset(&changeset.id)) {
        None => Err(ApiError::not_found("FileNotFound", "file")),
        Some(length) if length != changeset.size => {
            let message =
                format!("The file has {length} bytes and was to have {}.", changeset.size);
            Err(invalid(Detail::invalid_value("fileSize", message)))
        }
        Some(_) => Ok(()),
    }
}
