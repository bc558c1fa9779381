//! Changeset groups: changesets that belong together join one when they are pushed.
//!
//! Our choice: a group stays in progress until somebody completes it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    INVALID, TEXT,
    listing::Listing,
    look::{change, look},
    show,
    state::ChangesetGroup,
    unready,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::Body,
    time,
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [group]) => get(call, id, &group.to_ascii_lowercase()),
        ("PATCH", [group]) => complete(call, id, &group.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn missing() -> ApiError {
    ApiError::not_found("ChangesetGroupNotFound", "changeset group")
}

fn shown(call: &Call, imodel_id: &str, id: &str, group: &ChangesetGroup) -> Value {
    json!({
        "id": id,
        "description": group.description,
        "state": if group.is_completed { "completed" } else { "inProgress" },
        "creatorId": group.creator_id,
        "createdDateTime": time::shown(group.created),
        "_links": {"creator": show::user(call, imodel_id, &group.creator_id)},
    })
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let paging = Listing::new(call).verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let found: Vec<(&String, &ChangesetGroup)> = imodel.groups.iter().collect();
    Ok(paging.answer("changesetGroups", found, |(id, group)| shown(call, &imodel.id, id, group)))
}

fn get(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let group = imodel.groups.get(group_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"changesetGroup": shown(call, &imodel.id, group_id, group)})))
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_WRITE)?;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let description = body.any_text("description", TEXT).unwrap_or_default().to_owned();
    body.verdict(INVALID)?;
    let group = ChangesetGroup {
        description,
        is_completed: false,
        creator_id: call.caller.user.id.clone(),
        created: call.platform.now(),
    };
    let group_id = Uuid::new_v4().to_string();
    let answer = json!({"changesetGroup": shown(call, &imodel.id, &group_id, &group)});
    imodel.groups.insert(group_id, group);
    Ok(Answer::created(answer))
}

fn complete(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_WRITE)?;
    let group = imodel.groups.get_mut(group_id).ok_or_else(missing)?;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    body.one_of("state", &["completed"]);
    body.verdict(INVALID)?;
    if group.is_completed {
        return Err(unready("state", "The group is not in progress."));
    }
    group.is_completed = true;
    Ok(Answer::ok(json!({"changesetGroup": shown(call, &imodel.id, group_id, group)})))
}
