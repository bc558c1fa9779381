//! Groups as members of an iTwin.

use serde_json::{Value, json};

use super::{
    INVALID, assign, changed, look, look_as_member,
    members::{given_members, given_roles},
    no_member, show,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    state::{ITwin, State},
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => add(call, id),
        ("GET", [group]) => get(call, id, &group.to_ascii_lowercase()),
        ("PATCH", [group]) => update(call, id, &group.to_ascii_lowercase()),
        ("DELETE", [group]) => remove(call, id, &group.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn shown(state: &State, itwin: &ITwin, group_id: &str) -> Option<Value> {
    let role_ids = itwin.team.member_groups.get(group_id)?;
    let group = state.group_of(itwin, group_id)?;
    Some(show::group_member(&itwin.team, group_id, group, role_ids))
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let page = call.page(INVALID)?;
    let ids = itwin.team.member_groups.keys();
    let members: Vec<Value> = ids.filter_map(|id| shown(&state, itwin, id)).collect();
    Ok(Answer::ok(show::page(call, page, "members", &members)))
}

fn get(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let member = shown(&state, itwin, group_id).ok_or_else(no_member)?;
    Ok(Answer::ok(json!({"member": member})))
}

fn add(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::INVITE_MEMBER)?;
    let given = call.object(INVALID)?;
    let members = given_members(&given, |member| {
        member.guid("groupId");
    })?;
    let mut wanted: Vec<(String, Vec<String>)> = Vec::new();
    for (index, member) in members.into_iter().enumerate() {
        let group_id = member.get("groupId").and_then(Value::as_str).unwrap_or_default();
        let group_id = group_id.to_ascii_lowercase();
        if state.group_of(itwin, &group_id).is_none() {
            let error = ApiError::not_found("GroupNotFound", "group");
            return Err(error.at(format!("members[{index}].groupId")));
        }
        let role_ids = assign::role_ids(member.get("roleIds"));
        assign::check_roles(&itwin.team, &role_ids, &format!("members[{index}]."))?;
        wanted.push((group_id, role_ids));
    }
    let itwin = changed(&mut state, id)?;
    for (group_id, role_ids) in &wanted {
        let roles = itwin.team.member_groups.entry(group_id.clone()).or_default();
        for id in role_ids {
            if !roles.contains(id) {
                roles.push(id.clone());
            }
        }
    }
    let (itwin, _) = look(call, &state, id)?;
    let ids = wanted.iter().map(|(id, _)| id);
    let added: Vec<Value> = ids.filter_map(|id| shown(&state, itwin, id)).collect();
    Ok(Answer::created(json!({"members": added})))
}

fn update(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::INVITE_MEMBER)?;
    itwin.team.member_groups.get(group_id).ok_or_else(no_member)?;
    let role_ids = given_roles(call)?;
    assign::check_roles(&itwin.team, &role_ids, "")?;
    let team = &mut changed(&mut state, id)?.team;
    team.member_groups.insert(group_id.to_owned(), role_ids);
    let (itwin, _) = look(call, &state, id)?;
    let member = shown(&state, itwin, group_id).ok_or_else(no_member)?;
    Ok(Answer::ok(json!({"member": member})))
}

fn remove(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (_, standing) = look(call, &state, id)?;
    standing.require(Permission::REMOVE_MEMBER)?;
    let team = &mut changed(&mut state, id)?.team;
    let gone = team.member_groups.shift_remove(group_id);
    gone.map(|_| Answer::no_content()).ok_or_else(no_member)
}
