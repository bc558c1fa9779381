//! Giving roles, and inviting whoever cannot be added at once.

use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, no_role};
use crate::itwin::{
    ApiError, Platform,
    access::User,
    errors::Detail,
    routes::Call,
    state::{Document, ITwin, Invitation, Invited, Team},
};

/// How long an invitation is good.
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most roles that one request may give, members times roles.
const ASSIGNMENTS: usize = 50;

/// The ids of roles in a list, in lower case; what is no text is passed over, as
/// the body was looked over before.
pub(super) fn role_ids(value: Option<&Value>) -> Vec<String> {
    let ids = value.and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
}

/// 404 unless all roles are there; the target says which is not.
pub(super) fn check_roles(team: &Team, role_ids: &[String], place: &str) -> Result<(), ApiError> {
    match role_ids.iter().position(|id| !team.roles.contains_key(id)) {
        None => Ok(()),
        Some(index) => Err(no_role().at(format!("{place}roleIds[{index}]"))),
    }
}

/// The members of a body, 422 if they are to get too many roles together.
pub(super) fn check_count(members: &[&Document]) -> Result<(), ApiError> {
    let count: usize = members.iter().map(|it| role_ids(it.get("roleIds")).len()).sum();
    if count <= ASSIGNMENTS {
        return Ok(());
    }
    let message = format!("At most {ASSIGNMENTS} roles may be given in one request.");
    Err(ApiError::invalid(INVALID, vec![Detail::invalid_value("members", message)]))
}

/// The user of an address, if it is one who is added without being asked, or who
/// is in the team already.
pub(super) fn joins_at_once(platform: &Platform, itwin: &ITwin, email: &str) -> Option<User> {
    let user = platform.user_named(email)?;
    let is_there = itwin.team.is_owner(&user.id) || itwin.team.users.contains_key(&user.id);
    let joins = is_there || user.is_service || user.account_id == itwin.account_id;
    joins.then_some(user)
}

/// Invites an address; answers the id of the invitation.
pub(super) fn invite(call: &Call, team: &mut Team, email: &str, to_be: Invited) -> String {
    let is_same_kind = |other: &Invited| match (&to_be, other) {
        (Invited::Group(one), Invited::Group(other)) => one == other,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    };
    team.invitations.retain(|_, old| {
        old.accepted || !old.email.eq_ignore_ascii_case(email) || !is_same_kind(&old.to_be)
    });
    let id = Uuid::new_v4().to_string();
    let created = call.platform.now();
    let invitation = Invitation {
        email: email.to_owned(),
        invited_by: call.caller.user.email.clone(),
        accepted: false,
        created,
        expires: created.saturating_add(INVITATION).unwrap_or(jiff::Timestamp::MAX),
        to_be,
    };
    team.invitations.insert(id.clone(), invitation);
    id
}

/// Gives a user more roles, making a member of one who is none.
pub(super) fn add_roles(call: &Call, itwin: &mut ITwin, user_id: &str, role_ids: &[String]) {
    let old = itwin.team.users.get(user_id).cloned();
    itwin.team.admit(user_id, Invited::Member(role_ids.to_vec()));
    let is_new = old.is_none();
    let old = old.unwrap_or_default();
    let mut gained = role_ids.iter().filter(|id| !old.contains(id));
    if is_new {
        let first = gained.next();
        tell(call, itwin, "accessControl.memberAdded.v1", user_id, first);
    }
    for id in gained {
        tell(call, itwin, "accessControl.roleAssigned.v1", user_id, Some(id));
    }
}

/// Gives a user these roles and no others; the user must be a member.
pub(super) fn set_roles(call: &Call, itwin: &mut ITwin, user_id: &str, role_ids: Vec<String>) {
    let old = itwin.team.users.insert(user_id.to_owned(), role_ids.clone()).unwrap_or_default();
    for id in role_ids.iter().filter(|id| !old.contains(id)) {
        tell(call, itwin, "accessControl.roleAssigned.v1", user_id, Some(id));
    }
    for id in old.iter().filter(|id| !role_ids.contains(id)) {
        tell(call, itwin, "accessControl.roleUnassigned.v1", user_id, Some(id));
    }
}

/// Takes a member out; answers whether there was one.
pub(super) fn remove(call: &Call, itwin: &mut ITwin, user_id: &str) -> bool {
    let was_there = itwin.team.remove_user(user_id);
    if was_there {
        tell(call, itwin, "accessControl.memberRemoved.v1", user_id, None);
    }
    was_there
}

fn tell(call: &Call, itwin: &ITwin, kind: &'static str, user_id: &str, role_id: Option<&String>) {
    let role = role_id.and_then(|id| itwin.team.roles.get(id));
    let content = json!({
        "memberId": user_id,
        "memberType": "User",
        "roleId": role_id,
        "roleName": role.map(|role| &role.display_name),
        "eventCreatedBy": call.caller.user.id,
    });
    call.platform.tell(kind, itwin, content);
}
