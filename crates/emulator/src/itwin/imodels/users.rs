//! Who works with an iModel, and what they did.
//!
//! Our choices: the users are those who are owners or members of the iTwin, own ones
//! or by groups, and those who made something in the iModel; when somebody used it
//! last is not kept; the locks of a program are those of its briefcases.

use serde_json::{Value, json};

use super::{
    listing::Listing,
    look::{Seen, look},
    show,
    state::{Briefcase, IModel, Level, Program},
};
use crate::itwin::{
    ApiError,
    access::{Permission, User},
    routes::{Answer, Call},
    state::State,
    time,
};

/// The element that stands for the whole iModel.
const ROOT: &str = "0x1";

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("GET", [user]) => get(call, id, user),
        _ => Err(ApiError::no_route()),
    }
}

/// Everybody who works with an iModel.
fn users(call: &Call, state: &State, seen: &Seen<'_>) -> Vec<User> {
    let works = |user: &User| {
        state.standing_in_team(user, seen.itwin).is_some() || made_something(seen.imodel, &user.id)
    };
    call.platform.users().into_iter().filter(works).collect()
}

fn made_something(imodel: &IModel, user_id: &str) -> bool {
    imodel.creator_id == user_id
        || imodel.briefcases.values().any(|briefcase| briefcase.owner_id == user_id)
        || imodel.changesets.iter().any(|changeset| changeset.creator_id == user_id)
        || imodel.named_versions.values().any(|version| version.creator_id == user_id)
}

fn minimal(call: &Call, imodel: &IModel, user: &User) -> Value {
    json!({
        "id": user.id,
        "displayName": user.email,
        "_links": {"self": show::user(call, &imodel.id, &user.id)},
    })
}

fn full(call: &Call, imodel: &IModel, user: &User) -> Value {
    let pushed: Vec<_> = imodel.changesets.iter().filter(|it| it.creator_id == user.id).collect();
    let versions = imodel.named_versions.values().filter(|it| it.creator_id == user.id).count();
    let briefcases: Vec<(u32, &Briefcase)> = imodel
        .briefcases
        .iter()
        .filter(|(_, briefcase)| briefcase.owner_id == user.id)
        .map(|(number, briefcase)| (*number, briefcase))
        .collect();
    let more = json!({
        "givenName": user.given_name,
        "surname": user.surname,
        "email": user.email,
        "statistics": {
            "pushedChangesetsCount": pushed.len(),
            "lastChangesetPushDate": pushed.last().map(|changeset| time::shown(changeset.pushed)),
            "createdVersionsCount": versions,
            "lastAccessTime": null,
            "briefcasesCount": briefcases.len(),
            "applications": applications(imodel, &briefcases),
        },
    });
    show::with(minimal(call, imodel, user), more)
}

/// What somebody keeps locked with each program.
fn applications(imodel: &IModel, briefcases: &[(u32, &Briefcase)]) -> Vec<Value> {
    let mut programs: Vec<&Program> = Vec::new();
    for (_, briefcase) in briefcases {
        if !programs.contains(&&briefcase.program) {
            programs.push(&briefcase.program);
        }
    }
    let shown = |program: &&Program| {
        let own = || briefcases.iter().filter(|(_, briefcase)| briefcase.program == **program);
        let owns_locks = own().any(|(number, _)| !imodel.locks.by(*number).is_empty());
        let owns_root = imodel.locks.of(ROOT).is_some_and(|held| {
            held.level == Level::Exclusive
                && own().any(|(number, _)| held.briefcases.contains(number))
        });
        json!({
            "id": program.id,
            "name": program.name,
            "ownsLocks": owns_locks,
            "ownsExclusiveRootElementLock": owns_root,
        })
    };
    programs.iter().map(shown).collect()
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let order = listing.order(&["givenName", "surname"]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
    let mut found = users(call, &state, &seen);
    if let Some(order) = order {
        order.sort(&mut found, |member, one, other| match member {
            "givenName" => one.given_name.cmp(&other.given_name),
            _ => one.surname.cmp(&other.surname),
        });
    }
    let everything = call.wants_representation();
    Ok(paging.answer("users", found, |user| {
        if everything { full(call, seen.imodel, &user) } else { minimal(call, seen.imodel, &user) }
    }))
}

fn get(call: &Call, id: &str, user_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
    let mut users = users(call, &state, &seen).into_iter();
    let user = users.find(|user| user.id.eq_ignore_ascii_case(user_id));
    let user = user.ok_or_else(|| ApiError::not_found("UserNotFound", "user"))?;
    Ok(Answer::ok(json!({"user": full(call, seen.imodel, &user)})))
}
