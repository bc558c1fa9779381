//! Extended data of changesets: base64 of a JSON object each.
//!
//! Our choices: the limit counts what is behind the base64; a second attempt is 409
//! `DataConflict`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    INVALID, changesets, invalid,
    listing::Listing,
    look::{change, look},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, too_large},
    rules::Body,
};

/// Most bytes of the object.
const MOST: usize = 204_800;

pub(super) fn answer(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => get(call, id, word),
        "POST" => create(call, id, word),
        _ => Err(ApiError::no_route()),
    }
}

fn shown(changeset_id: &str, index: usize, data: &str) -> Value {
    json!({"changesetId": changeset_id, "changesetIndex": index, "data": data})
}

pub(super) fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let paging = Listing::new(call).verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let found: Vec<(usize, &str, &String)> = (1..)
        .zip(&imodel.changesets)
        .filter_map(|(index, it)| Some((index, it.id.as_str(), it.extended_data.as_ref()?)))
        .collect();
    Ok(paging.answer("extendedData", found, |(index, id, data)| shown(id, index, data)))
}

fn get(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let index = changesets::index(imodel, word)?;
    let (changeset, _) = changesets::at(imodel, index)?;
    let data = changeset.extended_data.as_ref().ok_or_else(|| {
        ApiError::not_found("ChangesetExtendedDataNotFound", "extended data of the changeset")
    })?;
    Ok(Answer::ok(json!({"extendedData": shown(&changeset.id, index, data)})))
}

fn create(call: &Call, id: &str, word: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_WEBVIEW)?;
    let index = changesets::index(imodel, word)?;
    let (changeset, _) = changesets::at(imodel, index)?;
    if changeset.creator_id != call.caller.user.id {
        return Err(ApiError::forbidden("This is for who pushed the changeset."));
    }
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let data = body.any_text("data", usize::MAX).unwrap_or_default();
    body.verdict(INVALID)?;
    check(data)?;
    if changeset.extended_data.is_some() {
        let message = "The changeset has extended data, which cannot be changed.";
        return Err(ApiError::conflict("DataConflict", message));
    }
    let place = index.saturating_sub(1);
    let changeset = match imodel.changesets.get_mut(place) {
        Some(changeset) => changeset,
        None => &mut imodel.pushed.as_mut().ok_or_else(changesets::missing)?.changeset,
    };
    changeset.extended_data = Some(data.to_owned());
    Ok(Answer::created(json!({"extendedData": shown(&changeset.id, index, data)})))
}

fn check(data: &str) -> Result<(), ApiError> {
    let bytes = STANDARD.decode(data).map_err(|_| "It must be base64.");
    if bytes.as_ref().is_ok_and(|bytes| bytes.len() > MOST) {
        return Err(too_large(&format!("Extended data have at most {MOST} bytes.")));
    }
    let object = bytes.and_then(|bytes| {
        let object: Result<Value, _> = serde_json::from_slice(&bytes);
        object.ok().filter(Value::is_object).ok_or("It must be base64 of a JSON object.")
    });
    object.map(|_| ()).map_err(|what| invalid(Detail::invalid_value("data", what)))
}
