//! Shares: keys that open some reads of an iTwin to whoever has them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, NAME, changed, look};
use crate::itwin::{
    ApiError,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::{ITwin, Share, State},
    time,
};

/// How long a share is good, and at the most.
const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Most shares that are good at a time, of one application.
const MOST: usize = 10;
/// The one contract.
const CONTRACT: &str = "Default";

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [share]) => get(call, id, &share.to_ascii_lowercase()),
        ("DELETE", [share]) => revoke(call, id, &share.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn show(itwin_id: &str, id: &str, share: &Share) -> Value {
    json!({
        "id": id,
        "iTwinId": itwin_id,
        "shareKey": share.key,
        "shareContract": share.contract,
        "expiration": time::shown(share.expires),
    })
}

fn missing() -> ApiError {
    ApiError::not_found("ShareNotFound", "share")
}

fn look_as_owner<'s>(call: &Call, state: &'s State, id: &str) -> Result<&'s ITwin, ApiError> {
    let (itwin, standing) = look(call, state, id)?;
    standing.require_owner()?;
    Ok(itwin)
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let itwin = look_as_owner(call, &state, id)?;
    let now = call.platform.now();
    let shares: Vec<Value> = itwin
        .team
        .shares
        .iter()
        .filter(|(_, share)| now < share.expires)
        .map(|(id, share)| show(&itwin.id, id, share))
        .collect();
    Ok(Answer::ok(json!({"shares": shares})))
}

fn get(call: &Call, id: &str, share_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let itwin = look_as_owner(call, &state, id)?;
    let share = itwin.team.shares.get(share_id);
    let share = share.filter(|share| call.platform.now() < share.expires).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"share": show(&itwin.id, share_id, share)})))
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let itwin_id = look_as_owner(call, &state, id)?.id.clone();
    let given = call.object(INVALID)?;
    let now = call.platform.now();
    let longest = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let mut body = Body::new(&given);
    let contract = body.optional_text("shareContract", NAME).unwrap_or(CONTRACT);
    let expires = match body.optional_any_text("expiration", NAME) {
        None => longest,
        Some(text) => match text.parse::<Timestamp>() {
            Ok(time) if now < time && time <= longest => time,
            _ => {
                body.invalid("expiration", "It must be a moment in the next 90 days.");
                longest
            }
        },
    };
    body.verdict(INVALID)?;
    if contract != CONTRACT {
        return Err(ApiError::not_found("ShareContractNotFound", "share contract"));
    }
    let client_id = &call.caller.client_id;
    let shares = state.itwins.values().flat_map(|itwin| itwin.team.shares.values());
    let active = shares.filter(|share| share.client_id == *client_id && now < share.expires);
    if active.count() >= MOST {
        let message = "The application has as many shares as it may have.";
        let detail = Detail::new("InvalidValue", message);
        return Err(ApiError::invalid(INVALID, vec![detail]));
    }
    let key = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
    let share = Share {
        key: URL_SAFE_NO_PAD.encode(key.as_flattened()),
        contract: contract.to_owned(),
        client_id: client_id.clone(),
        expires,
    };
    let share_id = Uuid::new_v4().to_string();
    let answer = json!({"share": show(&itwin_id, &share_id, &share)});
    changed(&mut state, &itwin_id)?.team.shares.insert(share_id, share);
    Ok(Answer::created(answer))
}

fn revoke(call: &Call, id: &str, share_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let itwin_id = look_as_owner(call, &state, id)?.id.clone();
    let gone = changed(&mut state, &itwin_id)?.team.shares.shift_remove(share_id);
    gone.map(|_| Answer::no_content()).ok_or_else(missing)
}
