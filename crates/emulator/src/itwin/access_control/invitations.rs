//! Invitations: to be a member or an owner, and to be in a group.

use serde_json::{Value, json};

use super::{INVALID, NOT_FOUND, changed, groups, look, show};
use crate::itwin::{
    ApiError,
    access::{Permission, Standing},
    routes::{Answer, Call},
    state::{ITwin, Invitation, Invited, State},
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("GET", [invitation]) => get(call, id, &invitation.to_ascii_lowercase()),
        ("DELETE", [invitation]) => delete(call, id, &invitation.to_ascii_lowercase()),
        ("POST", [invitation, "accept"]) => accept(call, id, &invitation.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

/// Those of a group.
pub(super) fn of_group(
    call: &Call,
    id: &str,
    group_id: &str,
    path: &[&str],
) -> Result<Answer, ApiError> {
    let group_id = group_id.to_ascii_lowercase();
    match (call.method(), path) {
        ("GET", []) => list_of_group(call, id, &group_id),
        ("DELETE", [invitation]) => {
            delete_of_group(call, id, &group_id, &invitation.to_ascii_lowercase())
        }
        _ => Err(ApiError::no_route()),
    }
}

fn missing() -> ApiError {
    ApiError::not_found("InvitationNotFound", "invitation")
}

fn is_for(invitation: &Invitation, call: &Call) -> bool {
    invitation.email.eq_ignore_ascii_case(&call.caller.user.email)
}

fn is_of_group(invitation: &Invitation) -> bool {
    matches!(invitation.to_be, Invited::Group(_))
}

/// The iTwin, also for somebody who is only invited.
fn look_as_invited<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    let now = call.platform.now();
    let is_invited = |itwin: &&ITwin| {
        let mut invitations = itwin.team.invitations.values();
        invitations.any(|it| is_for(it, call) && show::is_open(it, now))
    };
    look(call, state, id).or_else(|error| {
        let itwin = state.itwins.get(&id.to_ascii_lowercase()).filter(is_invited);
        itwin.map(|itwin| (itwin, Standing::Stranger)).ok_or(error)
    })
}

/// Invitations that are open, and not for a group: the caller's own, or all for
/// an owner.
fn visible<'c>(
    call: &'c Call,
    itwin: &'c ITwin,
    standing: &'c Standing<'_>,
) -> impl Iterator<Item = (&'c String, &'c Invitation)> {
    let now = call.platform.now();
    itwin.team.invitations.iter().filter(move |(_, it)| {
        !is_of_group(it) && show::is_open(it, now) && (standing.owns() || is_for(it, call))
    })
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, standing) = look_as_invited(call, &state, id)?;
    let page = call.page(INVALID)?;
    let invitations: Vec<Value> = visible(call, itwin, &standing)
        .map(|(id, it)| show::invitation(&itwin.team, id, it))
        .collect();
    Ok(Answer::ok(show::page(call, page, "invitations", &invitations)))
}

fn get(call: &Call, id: &str, invitation_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, standing) = look_as_invited(call, &state, id)?;
    let (id, found) =
        visible(call, itwin, &standing).find(|(id, _)| *id == invitation_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"invitation": show::invitation(&itwin.team, id, found)})))
}

fn delete(call: &Call, id: &str, invitation_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::INVITE_MEMBER)?;
    let is_there = itwin.team.invitations.get(invitation_id).is_some_and(|it| !is_of_group(it));
    if !is_there {
        return Err(missing());
    }
    changed(&mut state, id)?.team.invitations.shift_remove(invitation_id);
    Ok(Answer::no_content())
}

/// Accepting again is no mistake; nor is any id for one who is a member.
fn accept(call: &Call, id: &str, invitation_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (_, standing) = look_as_invited(call, &state, id)?;
    let is_member = standing.sees();
    let now = call.platform.now();
    let itwin = changed(&mut state, id)?;
    let own = itwin.team.invitations.get_mut(invitation_id);
    let own = own.filter(|it| is_for(it, call) && show::is_open(it, now));
    match own {
        Some(invitation) => {
            if !std::mem::replace(&mut invitation.accepted, true) {
                let to_be = invitation.to_be.clone();
                itwin.team.admit(&call.caller.user.id, to_be);
            }
            Ok(Answer::no_content())
        }
        None if is_member => Ok(Answer::no_content()),
        None => Err(ApiError::not_found(NOT_FOUND, "iTwin")),
    }
}

fn list_of_group(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, standing) = look(call, &state, id)?;
    groups::require(itwin, &standing)?;
    itwin.team.groups.get(group_id).ok_or_else(groups::missing)?;
    let page = call.page(INVALID)?;
    let now = call.platform.now();
    let to_be = Invited::Group(group_id.to_owned());
    let invitations: Vec<Value> = itwin
        .team
        .invitations
        .iter()
        .filter(|(_, it)| it.to_be == to_be && show::is_open(it, now))
        .map(|(id, it)| show::invitation(&itwin.team, id, it))
        .collect();
    Ok(Answer::ok(show::page(call, page, "invitations", &invitations)))
}

fn delete_of_group(
    call: &Call,
    id: &str,
    group_id: &str,
    invitation_id: &str,
) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    groups::require(itwin, &standing)?;
    itwin.team.groups.get(group_id).ok_or_else(groups::missing)?;
    let to_be = Invited::Group(group_id.to_owned());
    let found = itwin.team.invitations.get(invitation_id);
    if !found.is_some_and(|it| it.to_be == to_be) {
        return Err(missing());
    }
    changed(&mut state, id)?.team.invitations.shift_remove(invitation_id);
    Ok(Answer::no_content())
}
