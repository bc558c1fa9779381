//! Users v1: who the caller is, and who else is in the caller's organization.
//!
//! Our choices: the code of 422, `InvalidUsersRequest`; groups have an id and a
//! name, and `$search` of groups has the limits of that of users; the search looks
//! at the beginning, the middle and the end of names and addresses in any case.

mod show;

use serde_json::{Value, json};

use super::{
    ApiError,
    access::User,
    errors::Detail,
    routes::{Answer, Call, spelled},
    rules::is_guid,
};

/// Code of 422.
const INVALID: &str = "InvalidUsersRequest";
/// Most users of one answer, and most ids of one request.
const MOST: usize = 1000;

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &["me", "getbyidlist", "groups"]);
    match (call.method(), path.as_slice()) {
        ("GET", []) => search(call),
        ("GET", ["me"]) => Ok(Answer::ok(json!({"user": show::profile(call)}))),
        ("GET", ["groups"]) => search_groups(call),
        ("POST", ["getbyidlist"]) => get_by_ids(call),
        ("GET", [id]) => get(call, id),
        _ => Err(ApiError::no_route()),
    }
}

fn colleagues(call: &Call) -> impl Iterator<Item = User> {
    let account_id = call.caller.user.account_id.clone();
    call.platform.users().into_iter().filter(move |user| user.account_id == account_id)
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let found = colleagues(call).find(|user| user.id.eq_ignore_ascii_case(id));
    let found = found.ok_or_else(|| ApiError::not_found("UserNotFound", "user"))?;
    Ok(Answer::ok(json!({"user": show::user(&found)})))
}

fn search(call: &Call) -> Result<Answer, ApiError> {
    let text = search_text(call)?;
    let fits = |user: &User| {
        let name = format!("{} {}", user.given_name, user.surname);
        [name, user.email.clone()].iter().any(|known| known.to_lowercase().contains(&text))
    };
    Ok(users(colleagues(call).filter(fits).take(MOST)))
}

/// The text to search for, in lower case.
fn search_text(call: &Call) -> Result<String, ApiError> {
    let name = "$search";
    let text = call.parameter(name).ok_or_else(|| Detail::missing_parameter(name));
    let text = text.and_then(|text| match text.chars().count() {
        3..=200 => Ok(text.to_lowercase()),
        _ => Err(Detail::invalid_value(name, "It must have 3 to 200 characters.")),
    });
    text.map_err(|detail| ApiError::invalid(INVALID, vec![detail]))
}

fn get_by_ids(call: &Call) -> Result<Answer, ApiError> {
    let body = call.json(INVALID)?;
    let invalid = |detail| ApiError::invalid(INVALID, vec![detail]);
    let Some(ids) = body.as_array() else {
        return Err(invalid(Detail::new("InvalidRequestBody", "The body is no list of ids.")));
    };
    if ids.len() > MOST {
        let message = format!("The body has more than {MOST} ids.");
        return Err(invalid(Detail::new("InvalidRequestBody", message)));
    }
    let bad = ids.iter().position(|id| !id.as_str().is_some_and(is_guid));
    if let Some(index) = bad {
        return Err(invalid(Detail::invalid_value(format!("[{index}]"), "It must be a GUID.")));
    }
    let asked = |user: &User| {
        let is = |id: &Value| id.as_str().is_some_and(|id| user.id.eq_ignore_ascii_case(id));
        ids.iter().any(is)
    };
    Ok(users(colleagues(call).filter(asked)))
}

fn users(found: impl Iterator<Item = User>) -> Answer {
    let users: Vec<Value> = found.map(|user| show::user(&user)).collect();
    Answer::ok(json!({"users": users}))
}

fn search_groups(call: &Call) -> Result<Answer, ApiError> {
    let text = search_text(call)?;
    let state = call.platform.read();
    let groups: Vec<Value> = state
        .ims_groups
        .iter()
        .filter(|(name, group)| {
            group.account_id == call.caller.user.account_id && name.to_lowercase().contains(&text)
        })
        .take(MOST)
        .map(|(name, group)| json!({"id": group.id, "name": name}))
        .collect();
    Ok(Answer::ok(json!({"groups": groups})))
}
