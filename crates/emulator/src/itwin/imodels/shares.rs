//! Shares: keys that open reads of an iModel to whoever has them.
//!
//! Our choices, as little is known of this closed preview: everybody is let in who
//! has `imodels_manage`; shares last 90 days at the most, and that long unless the
//! body says otherwise; one that is not there, has expired or is somebody else's is
//! 404 `ShareNotFound`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    INVALID, TEXT,
    look::{change, look},
    state::{IModel, Share},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::Body,
    time,
};

/// How long a share is good, and at the most.
const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [share]) => get(call, id, &share.to_ascii_lowercase()),
        ("PATCH", [share]) => update(call, id, &share.to_ascii_lowercase()),
        ("DELETE", [share]) => revoke(call, id, &share.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn shown(id: &str, share: &Share) -> Value {
    json!({
        "id": id,
        "shareKey": share.key,
        "expirationDateTime": time::shown(share.expires),
    })
}

fn missing() -> ApiError {
    ApiError::not_found("ShareNotFound", "share")
}

/// The shares that the caller made and that are good.
fn own<'m>(call: &'m Call, imodel: &'m IModel) -> impl Iterator<Item = (&'m String, &'m Share)> {
    let now = call.platform.now();
    imodel
        .shares
        .iter()
        .filter(move |(_, share)| share.creator_id == call.caller.user.id && now < share.expires)
}

fn check_own(call: &Call, imodel: &IModel, share_id: &str) -> Result<(), ApiError> {
    let is_there = own(call, imodel).any(|(id, _)| id == share_id);
    if is_there { Ok(()) } else { Err(missing()) }
}

/// When the share ends that the body asks for.
fn expiry(call: &Call) -> Result<Timestamp, ApiError> {
    let document = call.object(INVALID)?;
    let now = call.platform.now();
    let longest = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let mut body = Body::new(&document);
    let expires = match body.optional_any_text("expirationDateTime", TEXT) {
        None => longest,
        Some(text) => match text.parse::<Timestamp>() {
            Ok(time) if now < time && time <= longest => time,
            _ => {
                body.invalid("expirationDateTime", "It must be a moment in the next 90 days.");
                longest
            }
        },
    };
    body.verdict(INVALID)?;
    Ok(expires)
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_MANAGE)?.imodel;
    let shares: Vec<Value> = own(call, imodel).map(|(id, share)| shown(id, share)).collect();
    Ok(Answer::ok(json!({"shares": shares})))
}

fn get(call: &Call, id: &str, share_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_MANAGE)?.imodel;
    let (_, share) = own(call, imodel).find(|(id, _)| *id == share_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"share": shown(share_id, share)})))
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_MANAGE)?;
    let expires = expiry(call)?;
    let key = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
    let share = Share {
        key: URL_SAFE_NO_PAD.encode(key.as_flattened()),
        creator_id: call.caller.user.id.clone(),
        expires,
    };
    let share_id = Uuid::new_v4().to_string();
    let answer = json!({"share": shown(&share_id, &share)});
    imodel.shares.insert(share_id, share);
    Ok(Answer::created(answer))
}

fn update(call: &Call, id: &str, share_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_MANAGE)?;
    check_own(call, imodel, share_id)?;
    let expires = expiry(call)?;
    let share = imodel.shares.get_mut(share_id).ok_or_else(missing)?;
    share.expires = expires;
    Ok(Answer::ok(json!({"share": shown(share_id, share)})))
}

fn revoke(call: &Call, id: &str, share_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_MANAGE)?;
    check_own(call, imodel, share_id)?;
    imodel.shares.shift_remove(share_id);
    Ok(Answer::no_content())
}
