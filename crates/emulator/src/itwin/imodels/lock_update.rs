//! Taking, changing and releasing locks: all elements of a request or none.
//!
//! Our choices: the answer holds what the request named, not all that the briefcase
//! keeps; an element that only others keep is `LockOwnedByAnotherBriefcase` when it
//! is to be released; what was kept exclusively and let go at a later changeset than
//! the request's is `NewerChangesExist`; locks of a briefcase of somebody else are
//! taken and released with `imodels_manage`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    INVALID, TEXT, briefcases,
    locks::{self, level_name, locked},
    look::look,
    state::{Held, IModel, Level},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
};

const NONE: &str = "none";

/// What is asked for some elements.
struct Wish {
    /// None: to let go of them.
    level: Option<Level>,
    objects: Vec<String>,
}

impl Wish {
    fn read(part: &mut Body<'_>) -> Option<Self> {
        let level = part.one_of("lockLevel", &[NONE, "shared", "exclusive"]);
        let given = part.list("objectIds")?;
        let objects: Option<Vec<String>> =
            given.iter().map(|object| object.as_str().and_then(object_id)).collect();
        if objects.is_none() {
            part.invalid("objectIds", "It must be made of ids such as 0x1.");
        }
        let level = match level? {
            "shared" => Some(Level::Shared),
            "exclusive" => Some(Level::Exclusive),
            _ => None,
        };
        Some(Self { level, objects: objects? })
    }

    fn shown(&self) -> Value {
        let objects: Vec<&str> = self.objects.iter().map(String::as_str).collect();
        locked(self.level.map_or(NONE, level_name), &objects)
    }
}

/// An id of an element in the one spelling that is kept.
fn object_id(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let digits = text.strip_prefix("0x")?;
    let is_id = (1..=16).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_hexdigit());
    is_id.then_some(text)
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WRITE)?;
    let imodel = seen.imodel;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let number = body.integer("briefcaseId", 0..=i64::MAX);
    let changeset_id = body.optional_any_text("changesetId", TEXT);
    let mut wishes = Vec::new();
    if let Some(parts) = body.list("lockedObjects") {
        body.each("lockedObjects", parts, |part| wishes.extend(Wish::read(part)));
    }
    let count: usize = wishes.iter().map(|wish: &Wish| wish.objects.len()).sum();
    if count > locks::MOST {
        let message = format!("A request has at most {} elements.", locks::MOST);
        body.fault(Detail::invalid_value("lockedObjects", message));
    }
    body.verdict(INVALID)?;
    let (number, briefcase) = briefcases::find(imodel, number)?;
    briefcases::require_own(call, &seen, briefcase, Permission::IMODELS_MANAGE)?;
    let index = locks::index(imodel, changeset_id)?;
    check_releases(imodel, number, &wishes)?;
    check_takes(imodel, number, index, &wishes)?;
    let id = imodel.id.clone();
    let held = &mut state.imodels.get_mut(&id)?.locks;
    for wish in &wishes {
        for object in &wish.objects {
            match wish.level {
                Some(level) => held.take(object, level, number),
                None => held.release(object, number, index),
            }
        }
    }
    let shown: Vec<Value> = wishes.iter().map(Wish::shown).collect();
    Ok(Answer::ok(json!({"lock": {"briefcaseId": number, "lockedObjects": shown}})))
}

fn conflicts(found: &[(&str, Held)]) -> Value {
    let shown = |(object, held): &(&str, Held)| {
        let level = level_name(held.level);
        json!({"objectId": object, "lockLevel": level, "briefcaseIds": held.briefcases})
    };
    found.iter().map(shown).collect::<Vec<Value>>().into()
}

fn check_releases(imodel: &IModel, number: u32, wishes: &[Wish]) -> Result<(), ApiError> {
    let released = wishes.iter().filter(|wish| wish.level.is_none());
    let mut of_others = Vec::new();
    for object in released.flat_map(|wish| &wish.objects) {
        match imodel.locks.of(object) {
            Some(held) if held.briefcases.contains(&number) => {}
            Some(held) => of_others.push((object.as_str(), held.clone())),
            None => return Err(ApiError::not_found("LockNotFound", "lock")),
        }
    }
    if of_others.is_empty() {
        return Ok(());
    }
    let message = "Another briefcase keeps what is to be released.";
    let error = ApiError::conflict("LockOwnedByAnotherBriefcase", message);
    Err(error.with_member("conflictingLocks", conflicts(&of_others)))
}

fn check_takes(
    imodel: &IModel,
    number: u32,
    index: usize,
    wishes: &[Wish],
) -> Result<(), ApiError> {
    let taken: Vec<(Level, &str)> = wishes
        .iter()
        .filter_map(|wish| Some((wish.level?, &wish.objects)))
        .flat_map(|(level, objects)| objects.iter().map(move |object| (level, object.as_str())))
        .collect();
    let in_the_way: Vec<(&str, Held)> = taken
        .iter()
        .filter_map(|(level, object)| {
            Some((*object, imodel.locks.in_the_way(object, *level, number)?))
        })
        .collect();
    if !in_the_way.is_empty() {
        let error = ApiError::conflict("ConflictWithAnotherUser", "Other briefcases have locks.");
        return Err(error.with_member("conflictingLocks", conflicts(&in_the_way)));
    }
    let newer: BTreeSet<&str> = taken
        .iter()
        .filter(|(_, object)| imodel.locks.is_newer(object, index))
        .map(|(_, object)| *object)
        .collect();
    if newer.is_empty() {
        return Ok(());
    }
    let message = "Elements were locked at a newer changeset.";
    let error = ApiError::conflict("NewerChangesExist", message);
    Err(error.with_member("objectIds", json!(newer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_elements_have_one_spelling() {
        assert_eq!(object_id("0x1F").as_deref(), Some("0x1f"));
        for bad in ["", "1", "0x", "0xg", "0x12345678901234567"] {
            assert_eq!(object_id(bad), None, "{bad}");
        }
    }
}
