//! One iModel: reading it, changing it, deleting it, and how far its making is.

use serde_json::{Value, json};

use super::{
    INVALID, TEXT, draft, invalid,
    look::look,
    show,
    state::{IModel, Making, Outcome},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
};

pub(super) fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    Ok(Answer::ok(json!({"iModel": show::full(call, imodel)})))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let mut changed = look(call, &state, id, Permission::IMODELS_MANAGE)?.imodel.clone();
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    require_any(&document, &["name", "description", "extent"])?;
    if body.names("name") {
        changed.name = body.text("name", TEXT).unwrap_or_default().to_owned();
    }
    if body.names("description") {
        changed.description = draft::description(&mut body);
    }
    if body.names("extent") {
        changed.extent = draft::extent(&mut body);
    }
    body.verdict(INVALID)?;
    draft::check_name(&state, &changed.itwin_id, &changed.name, Some(&changed.id))?;
    let answer = Answer::ok(json!({"iModel": show::full(call, &changed)}));
    state.imodels.imodels.insert(changed.id.clone(), changed);
    Ok(answer)
}

/// 422 unless the body has at least one of these members.
pub(super) fn require_any(
    document: &crate::itwin::state::Document,
    members: &[&str],
) -> Result<(), ApiError> {
    if members.iter().any(|member| document.contains_key(*member)) {
        return Ok(());
    }
    let message = format!("The body must have at least one of {}.", members.join(", "));
    Err(invalid(Detail::new("InvalidRequestBody", message)))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
    seen.standing.require(Permission::IMODELS_DELETE)?;
    let id = seen.imodel.id.clone();
    let content = json!({"imodelId": id, "userId": call.caller.user.id});
    call.platform.tell("iModels.iModelDeleted.v1", seen.itwin, content);
    state.imodels.remove(&id);
    Ok(Answer::no_content())
}

pub(super) fn operation(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let (mut cloned, mut forked) = (Value::Null, Value::Null);
    if let Some(copied) = &imodel.copied {
        let from = json!({"iModelId": copied.imodel_id, "changesetId": copied.changeset_id});
        match &copied.relationship_id {
            None => cloned = from,
            Some(id) => forked = show::with(from, json!({"relationshipId": id})),
        }
    }
    Ok(Answer::ok(json!({"createOperation": {
        "state": operation_state(call, imodel),
        "clonedFrom": cloned,
        "forkedFrom": forked,
    }})))
}

fn operation_state(call: &Call, imodel: &IModel) -> &'static str {
    let is_fork = imodel.copied.as_ref().is_some_and(|copied| copied.relationship_id.is_some());
    match imodel.making {
        Making::WaitingForFile => "waitingForFile",
        Making::Begun { done, .. } if call.platform.now() < done => "scheduled",
        Making::Begun { outcome: Outcome::Successful, .. } => "successful",
        Making::Begun { outcome: Outcome::MissingFederationGuids, .. } if is_fork => {
            "mainIModelIsMissingFederationGuids"
        }
        Making::Begun { .. } => "failed",
    }
}
