//! Users as members of an iTwin.

use serde_json::{Value, json};

use super::{INVALID, TEXT, assign, changed, look, look_as_member, no_member, show};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::Body,
    state::{Document, Invited},
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => add(call, id),
        ("GET", [member]) => get(call, id, &member.to_ascii_lowercase()),
        ("PATCH", [member]) => update(call, id, &member.to_ascii_lowercase()),
        ("DELETE", [member]) => remove(call, id, &member.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let page = call.page(INVALID)?;
    let team = &itwin.team;
    let members: Vec<Value> =
        team.users.iter().map(|(id, roles)| people.member(team, id, roles)).collect();
    Ok(Answer::ok(show::page(call, page, "members", &members)))
}

fn get(call: &Call, id: &str, member_id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let roles = itwin.team.users.get(member_id).ok_or_else(no_member)?;
    Ok(Answer::ok(json!({"member": people.member(&itwin.team, member_id, roles)})))
}

/// The objects of the list `members`, which a body must have.
pub(super) fn given_members<'d>(
    given: &'d Document,
    mut look: impl FnMut(&mut Body<'d>),
) -> Result<Vec<&'d Document>, ApiError> {
    let mut body = Body::new(given);
    let members = body.list("members");
    if let Some(members) = members {
        body.each("members", members, |member| {
            look(member);
            if let Some(ids) = member.list("roleIds")
                && !ids.iter().all(Value::is_string)
            {
                member.invalid("roleIds", "It must be a list of ids.");
            }
        });
    }
    body.optional_any_text("customMessage", TEXT);
    body.verdict(INVALID)?;
    let members: Vec<&Document> =
        members.into_iter().flatten().filter_map(Value::as_object).collect();
    assign::check_count(&members)?;
    Ok(members)
}

fn add(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::INVITE_MEMBER)?;
    let given = call.object(INVALID)?;
    let members = given_members(&given, |member| {
        member.email("email");
    })?;
    let mut wanted: Vec<(&str, Vec<String>)> = Vec::new();
    for (index, member) in members.into_iter().enumerate() {
        let role_ids = assign::role_ids(member.get("roleIds"));
        assign::check_roles(&itwin.team, &role_ids, &format!("members[{index}]."))?;
        wanted.push((member.get("email").and_then(Value::as_str).unwrap_or_default(), role_ids));
    }
    let itwin = changed(&mut state, id)?;
    let (mut added, mut invited) = (Vec::new(), Vec::new());
    for (email, role_ids) in wanted {
        match assign::joins_at_once(&call.platform, itwin, email) {
            Some(user) => {
                assign::add_roles(call, itwin, &user.id, &role_ids);
                let roles = itwin.team.users.get(&user.id).map_or(&[][..], Vec::as_slice);
                added.push(people.member(&itwin.team, &user.id, roles));
            }
            None => {
                let to_be = Invited::Member(role_ids);
                let id = assign::invite(call, &mut itwin.team, email, to_be);
                let invitation = itwin.team.invitations.get(&id);
                invited.extend(invitation.map(|it| show::invitation(&itwin.team, &id, it)));
            }
        }
    }
    let unless_empty = |list: Vec<Value>| (!list.is_empty()).then_some(list);
    let answer = json!({"members": unless_empty(added), "invitations": unless_empty(invited)});
    Ok(Answer::created(answer))
}

/// The ids of roles of a body that holds nothing else.
pub(super) fn given_roles(call: &Call) -> Result<Vec<String>, ApiError> {
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let ids = body.list("roleIds");
    if ids.is_some_and(|ids| !ids.iter().all(Value::is_string)) {
        body.invalid("roleIds", "It must be a list of ids.");
    }
    body.verdict(INVALID)?;
    Ok(assign::role_ids(given.get("roleIds")))
}

fn update(call: &Call, id: &str, member_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::INVITE_MEMBER)?;
    itwin.team.users.get(member_id).ok_or_else(no_member)?;
    let role_ids = given_roles(call)?;
    assign::check_roles(&itwin.team, &role_ids, "")?;
    let itwin = changed(&mut state, id)?;
    let roles = show::roles(&itwin.team, &role_ids);
    assign::set_roles(call, itwin, member_id, role_ids);
    Ok(Answer::ok(json!({"member": {"id": member_id, "roles": roles}})))
}

fn remove(call: &Call, id: &str, member_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (_, standing) = look(call, &state, id)?;
    standing.require(Permission::REMOVE_MEMBER)?;
    let itwin = changed(&mut state, id)?;
    if assign::remove(call, itwin, member_id) { Ok(Answer::no_content()) } else { Err(no_member()) }
}
