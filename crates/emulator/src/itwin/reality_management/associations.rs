//! The iTwins that reality data belong to.

use serde_json::{Value, json};

use super::{
    INVALID,
    rights::{find, invalid, look_anywhere, named_itwin},
};
use crate::itwin::{
    ApiError,
    access::{Permission, Standing},
    routes::{Answer, Call},
    rules::Body,
    state::State,
};

pub(super) fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let data = look_anywhere(call, &state, id, Permission::REALITYDATA_USE)?;
    Ok(Answer::ok(json!({"iTwins": data.itwins})))
}

fn require_assigning(standing: &Standing<'_>) -> Result<(), ApiError> {
    standing.require(Permission::REALITYDATA_CREATE)?;
    standing.require(Permission::REALITYDATA_ASSIGN)
}

/// The iTwins of data that are there.
fn itwins<'s>(state: &'s mut State, id: &str) -> Option<&'s mut Vec<String>> {
    state.reality.data.get_mut(id).map(|data| &mut data.itwins)
}

pub(super) fn associate(call: &Call, id: &str, itwin_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let data = look_anywhere(call, &state, id, Permission::REALITYDATA_USE)?;
    let (itwin, standing) = state.visible(&call.caller, itwin_id, "iTwinNotFound")?;
    require_assigning(&standing)?;
    let (id, itwin_id) = (data.id.clone(), itwin.id.clone());
    if let Some(itwins) = itwins(&mut state, &id)
        && !itwins.contains(&itwin_id)
    {
        itwins.push(itwin_id.clone());
    }
    Ok(Answer::ok(json!({"iTwinAssociation": {"id": id, "iTwinId": itwin_id}})))
}

pub(super) fn dissociate(call: &Call, id: &str, itwin_id: &str) -> Result<Answer, ApiError> {
    let missing = || ApiError::not_found("AssociationNotFound", "association");
    let mut state = call.platform.write();
    let data = find(&state, id)?;
    let found = state.visible(&call.caller, itwin_id, "AssociationNotFound");
    let (itwin, standing) = found.map_err(|_| missing())?;
    if !data.itwins.contains(&itwin.id) {
        return Err(missing());
    }
    if data.owner_id != call.caller.user.id {
        require_assigning(&standing)?;
    }
    let (id, itwin_id) = (data.id.clone(), itwin.id.clone());
    if let Some(itwins) = itwins(&mut state, &id) {
        itwins.retain(|other| *other != itwin_id);
    }
    Ok(Answer::no_content())
}

pub(super) fn relocate(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let data = look_anywhere(call, &state, id, Permission::REALITYDATA_MANAGE)?;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    body.guid("iTwinId");
    body.verdict(INVALID)?;
    let target = document.get("iTwinId").and_then(Value::as_str).unwrap_or_default();
    let (target, standing) = named_itwin(call, &state, target)?;
    standing.require(Permission::REALITYDATA_MANAGE)?;
    let source = match data.itwins.as_slice() {
        [] => None,
        [one] => state.itwins.get(one),
        _ => return Err(invalid("id", "The reality data belong to more than one iTwin.")),
    };
    if let Some(source) = source {
        // An owner of the data without the permission on the iTwin may not move them.
        state.standing(&call.caller, source).require(Permission::REALITYDATA_MANAGE)?;
        if source.account_id != target.account_id {
            return Err(invalid("iTwinId", "It is an iTwin of another organization."));
        }
    }
    if data.data_center != target.data_center {
        return Err(invalid("iTwinId", "It is an iTwin of another data center."));
    }
    let (id, itwin_id) = (data.id.clone(), target.id.clone());
    if let Some(itwins) = itwins(&mut state, &id) {
        *itwins = vec![itwin_id];
    }
    Ok(Answer::no_content())
}
