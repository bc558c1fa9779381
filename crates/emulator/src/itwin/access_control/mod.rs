//! Access Control v2: who is a member of an iTwin, with which roles.
//!
//! Our choices:
//! - The code of 422 is `InvalidAccessControlRequest`, but for groups, where it is
//!   known; that of a missing job is `JobNotFound`.
//! - What a member may not read is 403. What needs no permission by the pages is
//!   open to members; groups may be read by whoever may change them.
//! - A new iTwin has no roles; all roles are `Custom`.
//! - A service application becomes a member or an owner at once wherever its
//!   account is. People of another organization, and addresses that nobody has,
//!   are invited. A new invitation takes the place of an open one.
//! - Who is invited finds the invitation, and may accept it, without seeing the
//!   iTwin.
//! - A group name is unique in its iTwin; another is 422. In a group, an address
//!   that nobody has is 404, one of another organization is invited.
//! - Who is gone from the identity service stays a member with nothing but an id;
//!   the platform's clean-up of every week does not come.
//! - Jobs are done when they are asked for, and tell so when their time has
//!   passed.
//! - Shares are for owners; the eleventh of an application is 422.

mod assign;
mod group_members;
mod groups;
mod invitations;
mod jobs;
mod members;
mod owners;
mod permissions;
mod roles;
mod shares;
mod show;

use super::{
    ApiError,
    access::Standing,
    routes::{Answer, Call, spelled},
    state::{ITwin, State},
};

/// Code of 422.
const INVALID: &str = "InvalidAccessControlRequest";
/// Code of 404, as this API spells it.
const NOT_FOUND: &str = "ItwinNotFound";
/// Longest name.
const NAME: usize = 255;
/// Longest description, and longest message.
const TEXT: usize = 4000;

const LITERALS: [&str; 12] = [
    "itwins",
    "permissions",
    "roles",
    "groups",
    "members",
    "users",
    "owners",
    "invitations",
    "accept",
    "jobs",
    "actions",
    "shares",
];

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &LITERALS);
    let ["itwins", path @ ..] = path.as_slice() else { return Err(ApiError::no_route()) };
    match (call.method(), path) {
        // Where an id would stand; so it comes first.
        ("GET", ["permissions"]) => Ok(permissions::all()),
        ("GET", [id, "permissions"]) => permissions::own(call, id),
        (_, [id, "roles", rest @ ..]) => roles::answer(call, id, rest),
        (_, [id, "groups", group, "invitations", rest @ ..]) => {
            invitations::of_group(call, id, group, rest)
        }
        (_, [id, "groups", rest @ ..]) => groups::answer(call, id, rest),
        (_, [id, "members", "users", rest @ ..]) => members::answer(call, id, rest),
        (_, [id, "members", "groups", rest @ ..]) => group_members::answer(call, id, rest),
        (_, [id, "members", "owners", rest @ ..]) => owners::answer(call, id, rest),
        (_, [id, "members", "invitations", rest @ ..]) => invitations::answer(call, id, rest),
        (_, [id, "jobs", rest @ ..]) => jobs::answer(call, id, rest),
        (_, [id, "shares", rest @ ..]) => shares::answer(call, id, rest),
        _ => Err(ApiError::no_route()),
    }
}

/// The iTwin and what the caller is to it, or 404.
fn look<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    state.visible(&call.caller, id, NOT_FOUND)
}

/// The same for members, owners and administrators; others are 403.
fn look_as_member<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    let (itwin, standing) = look(call, state, id)?;
    if matches!(standing, Standing::Member(_)) || standing.owns() {
        return Ok((itwin, standing));
    }
    Err(ApiError::forbidden("This is for members."))
}

/// The iTwin to be changed, once it is known that the caller may.
fn changed<'s>(state: &'s mut State, id: &str) -> Result<&'s mut ITwin, ApiError> {
    let found = state.itwins.get_mut(&id.to_ascii_lowercase());
    found.ok_or_else(|| ApiError::not_found(NOT_FOUND, "iTwin"))
}

fn no_member() -> ApiError {
    ApiError::not_found("TeamMemberNotFound", "member")
}

fn no_role() -> ApiError {
    ApiError::not_found("RoleNotFound", "role")
}
