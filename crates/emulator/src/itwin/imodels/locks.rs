//! Locks: which briefcases keep which elements, as lists; and letting go of all that
//! a briefcase keeps.
//!
//! Our choices: a page counts briefcases; a part that is let go has at most as many
//! elements as a change of locks.

use serde_json::{Value, json};

use super::{
    INVALID, TEXT, briefcases, changesets,
    listing::Listing,
    lock_update,
    look::look,
    released_locks,
    state::{IModel, Level},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::Body,
};

/// Most elements of one request.
pub(super) const MOST: usize = 1000;

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("PATCH", []) => lock_update::update(call, id),
        ("POST", [word]) if word.eq_ignore_ascii_case("release-chunk") => release_chunk(call, id),
        ("GET", [word]) if word.eq_ignore_ascii_case("released-locks") => {
            released_locks::list(call, id)
        }
        _ => Err(ApiError::no_route()),
    }
}

/// How a level is called.
pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Shared => "shared",
        Level::Exclusive => "exclusive",
    }
}

/// Elements of one level.
pub(super) fn locked(level: &str, objects: &[&str]) -> Value {
    json!({"lockLevel": level, "objectIds": objects})
}

/// The index of the changeset that a body names; that of the baseline if it names
/// none.
pub(super) fn index(imodel: &IModel, changeset_id: Option<&str>) -> Result<usize, ApiError> {
    imodel.index_of(changeset_id).ok_or_else(changesets::missing)
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let briefcase = listing.number("briefcaseId");
    let wanted = listing.one_of("lockLevel", &["none", "shared", "exclusive"]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let is_wanted =
        |number: u32| briefcase.is_none_or(|wanted| u32::try_from(wanted) == Ok(number));
    let kept = |number: u32| {
        let by_level = imodel.locks.by(number).into_iter();
        let by_level =
            by_level.filter(|(level, _)| wanted.is_none_or(|wanted| wanted == level_name(*level)));
        by_level.map(|(level, objects)| locked(level_name(level), &objects)).collect::<Vec<_>>()
    };
    let found: Vec<(u32, Vec<Value>)> = imodel
        .briefcases
        .keys()
        .filter(|number| is_wanted(**number))
        .map(|number| (*number, kept(*number)))
        .filter(|(_, kept)| !kept.is_empty())
        .collect();
    Ok(paging.answer(
        "locks",
        found,
        |(number, kept)| json!({"briefcaseId": number, "lockedObjects": kept}),
    ))
}

fn release_chunk(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WRITE)?;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let number = body.integer("briefcaseId", 0..=i64::MAX);
    let changeset_id = body.optional_any_text("changesetId", TEXT);
    body.verdict(INVALID)?;
    let (number, briefcase) = briefcases::find(seen.imodel, number)?;
    briefcases::require_own(call, &seen, briefcase, Permission::IMODELS_MANAGE)?;
    let index = index(seen.imodel, changeset_id)?;
    let id = seen.imodel.id.clone();
    let is_last = state.imodels.get_mut(&id)?.locks.release_some(number, index, MOST);
    Ok(Answer::ok(json!({"isLastChunk": is_last})))
}
