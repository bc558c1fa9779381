//! Groups of users that an iTwin keeps.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{NAME, TEXT, assign, changed, look, no_member, show};
use crate::itwin::{
    ApiError,
    access::{Permission, Standing},
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::{Group, ITwin, Invited},
};

/// Code of 422.
const INVALID: &str = "InvalidiTwinsGroupRequest";
/// Most members, and groups of the identity service, of one request.
const MOST: usize = 50;

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [group]) => get(call, id, &group.to_ascii_lowercase()),
        ("PATCH", [group]) => update(call, id, &group.to_ascii_lowercase()),
        ("DELETE", [group]) => delete(call, id, &group.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

/// 403 unless the caller may change groups here; those of an account are for
/// administrators.
pub(super) fn require(itwin: &ITwin, standing: &Standing<'_>) -> Result<(), ApiError> {
    if itwin.is_account() {
        standing.require_administrator()
    } else {
        standing.require(Permission::MANAGE_GROUPS)
    }
}

pub(super) fn missing() -> ApiError {
    ApiError::not_found("GroupNotFound", "group")
}

/// Links are there only if a page is asked for.
fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let state = call.platform.read();
    let (itwin, standing) = look(call, &state, id)?;
    require(itwin, &standing)?;
    let page = call.page(INVALID)?;
    let groups: Vec<Value> =
        itwin.team.groups.iter().map(|(id, group)| people.group(id, group)).collect();
    let mut body = show::page(call, page, "groups", &groups);
    if !call.asks_for_a_page()
        && let Some(members) = body.as_object_mut()
    {
        members.shift_remove("_links");
    }
    Ok(Answer::ok(body))
}

fn get(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let state = call.platform.read();
    let (itwin, standing) = look(call, &state, id)?;
    require(itwin, &standing)?;
    let group = itwin.team.groups.get(group_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"group": people.group(group_id, group)})))
}

fn check_name(itwin: &ITwin, id: &str, name: &str) -> Result<(), ApiError> {
    let mut others = itwin.team.groups.iter().filter(|(other, _)| *other != id);
    if others.any(|(_, group)| group.name.eq_ignore_ascii_case(name)) {
        let detail = Detail::invalid_value("name", "Another group has it.");
        return Err(ApiError::invalid(INVALID, vec![detail]));
    }
    Ok(())
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    require(itwin, &standing)?;
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let name = body.text("name", NAME);
    let description = body.any_text("description", TEXT);
    body.verdict(INVALID)?;
    let group = Group {
        name: name.unwrap_or_default().to_owned(),
        description: description.unwrap_or_default().to_owned(),
        members: Vec::new(),
        ims_groups: Vec::new(),
    };
    let new_id = Uuid::new_v4().to_string();
    check_name(itwin, &new_id, &group.name)?;
    let answer = json!({"group": people.group(&new_id, &group)});
    changed(&mut state, id)?.team.groups.insert(new_id, group);
    Ok(Answer::created(answer))
}

fn update(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    require(itwin, &standing)?;
    let mut group = itwin.team.groups.get(group_id).ok_or_else(missing)?.clone();
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let name = body.optional_text("name", NAME);
    let description = body.optional_any_text("description", TEXT);
    let emails = body.optional_texts("members");
    let ims_groups = body.optional_texts("imsGroups");
    for (member, list) in [("members", &emails), ("imsGroups", &ims_groups)] {
        if list.as_ref().is_some_and(|list| list.len() > MOST) {
            body.invalid(member, "It has more than 50 elements.");
        }
    }
    body.verdict(INVALID)?;
    if let Some(name) = name {
        check_name(itwin, group_id, name)?;
        name.clone_into(&mut group.name);
    }
    if let Some(description) = description {
        description.clone_into(&mut group.description);
    }
    let mut to_invite = Vec::new();
    if let Some(emails) = emails {
        let members = members(call, itwin, &group, &emails, &mut to_invite)?;
        let gains = members.iter().any(|id| !group.members.contains(id)) || !to_invite.is_empty();
        let loses = group.members.iter().any(|id| !members.contains(id));
        if gains {
            standing.require(Permission::INVITE_MEMBER)?;
        }
        if loses {
            standing.require(Permission::REMOVE_MEMBER)?;
        }
        group.members = members;
    }
    if let Some(names) = ims_groups {
        if let Some(index) = names.iter().position(|name| !state.ims_groups.contains_key(*name)) {
            let error = ApiError::not_found("ImsGroupNotFound", "group of the identity service");
            return Err(error.at(format!("imsGroups[{index}]")));
        }
        group.ims_groups = names.into_iter().map(str::to_owned).collect();
    }
    let answer = json!({"group": people.group(group_id, &group)});
    let team = &mut changed(&mut state, id)?.team;
    team.groups.insert(group_id.to_owned(), group);
    for email in to_invite {
        assign::invite(call, team, email, Invited::Group(group_id.to_owned()));
    }
    Ok(Answer::ok(answer))
}

/// The ids of the users of these addresses; those of another organization who are
/// not in the group yet are to be invited, and one that nobody has is 404.
fn members<'e>(
    call: &Call,
    itwin: &ITwin,
    group: &Group,
    emails: &[&'e str],
    to_invite: &mut Vec<&'e str>,
) -> Result<Vec<String>, ApiError> {
    let mut members = Vec::new();
    for (index, email) in emails.iter().enumerate() {
        let Some(user) = call.platform.user_named(email) else {
            return Err(no_member().at(format!("members[{index}]")));
        };
        let joins = group.members.contains(&user.id)
            || assign::joins_at_once(&call.platform, itwin, email).is_some();
        if !joins {
            to_invite.push(*email);
        } else if !members.contains(&user.id) {
            members.push(user.id);
        }
    }
    Ok(members)
}

fn delete(call: &Call, id: &str, group_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    require(itwin, &standing)?;
    let team = &mut changed(&mut state, id)?.team;
    team.groups.shift_remove(group_id).ok_or_else(missing)?;
    team.invitations.retain(|_, it| it.to_be != Invited::Group(group_id.to_owned()));
    // A group of an account may be a member of any iTwin in it.
    state.itwins.change_where(
        |itwin| itwin.team.member_groups.contains_key(group_id),
        |itwin| drop(itwin.team.member_groups.shift_remove(group_id)),
    );
    Ok(Answer::no_content())
}
