//! Briefcases: copies of the iModel that changes are pushed from.
//!
//! Our choices: numbers begin with 2 and are never given out again; what a briefcase
//! keeps locked is let go when it is released; the quota counts those of one user in
//! one iModel and is 403 `ResourceQuotaExceeded`; too many in a minute are 429
//! `RateLimitExceeded` without the gateway's headers.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    INVALID, TEXT, checkpoints, draft,
    listing::Listing,
    look::{Seen, change, look, require_initialized},
    show,
    state::{Briefcase, IModel},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::{Body, is_guid},
    state::{Document, State},
    time,
};

/// Most briefcases of a user, and most that a user gets in a minute.
const MOST: usize = 100;
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// Stands for the caller as an owner.
const ME: &str = "me";

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => acquire(call, id),
        // Where a number would stand; so it comes first.
        ("GET", ["checkpoint"]) => checkpoints::of_briefcases(call, id),
        ("GET", [number]) => get(call, id, number),
        ("DELETE", [number]) => release(call, id, number),
        _ => Err(ApiError::no_route()),
    }
}

pub(super) fn missing() -> ApiError {
    ApiError::not_found("BriefcaseNotFound", "briefcase")
}

/// The briefcase of a number in a body.
pub(super) fn find(imodel: &IModel, number: Option<i64>) -> Result<(u32, &Briefcase), ApiError> {
    let number = number.and_then(|number| u32::try_from(number).ok()).ok_or_else(missing)?;
    let briefcase = imodel.briefcases.get(&number).ok_or_else(missing)?;
    Ok((number, briefcase))
}

/// 403 unless the briefcase is the caller's, or the caller has the permission.
pub(super) fn require_own(
    call: &Call,
    seen: &Seen<'_>,
    briefcase: &Briefcase,
    permission: &str,
) -> Result<(), ApiError> {
    if briefcase.owner_id == call.caller.user.id {
        return Ok(());
    }
    seen.require(permission)
}

fn minimal(number: u32) -> Value {
    json!({"id": number.to_string(), "displayName": number.to_string()})
}

fn full(call: &Call, imodel: &IModel, number: u32, briefcase: &Briefcase) -> Value {
    let has_checkpoint = checkpoints::latest(call, imodel, imodel.changesets.len()).is_some();
    let checkpoint = has_checkpoint.then(|| show::link(call, &imodel.id, "briefcases/checkpoint"));
    json!({
        "id": number.to_string(),
        "displayName": number.to_string(),
        "briefcaseId": number,
        "ownerId": briefcase.owner_id,
        "acquiredDateTime": time::shown(briefcase.acquired),
        "fileSize": briefcase.size,
        "deviceName": briefcase.device_name,
        "application": briefcase.program,
        "_links": {
            "owner": show::user(call, &imodel.id, &briefcase.owner_id),
            "checkpoint": checkpoint,
        },
    })
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let owner = call.parameter("ownerId");
    let owner = match owner.as_deref() {
        Some(ME) => Some(call.caller.user.id.clone()),
        Some(id) if !is_guid(id) => {
            listing.fault(Detail::invalid_value("ownerId", "It must be a GUID or me."));
            None
        }
        other => other.map(str::to_owned),
    };
    let order = listing.order(&["acquiredDateTime"]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let is_wanted = |briefcase: &Briefcase| {
        owner.as_ref().is_none_or(|owner| briefcase.owner_id.eq_ignore_ascii_case(owner))
    };
    let mut found: Vec<(u32, &Briefcase)> = imodel
        .briefcases
        .iter()
        .filter(|(_, briefcase)| is_wanted(briefcase))
        .map(|(number, briefcase)| (*number, briefcase))
        .collect();
    if let Some(order) = order {
        order.sort(&mut found, |_, (number, briefcase), (other_number, other)| {
            (briefcase.acquired, number).cmp(&(other.acquired, other_number))
        });
    }
    let everything = call.wants_representation();
    Ok(paging.answer("briefcases", found, |(number, briefcase)| {
        if everything { full(call, imodel, number, briefcase) } else { minimal(number) }
    }))
}

fn get(call: &Call, id: &str, number: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let (number, briefcase) = find(imodel, number.parse().ok())?;
    Ok(Answer::ok(json!({"briefcase": full(call, imodel, number, briefcase)})))
}

fn acquire(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let id = imodel.id.clone();
    let document = if call.bytes().is_empty() { Document::new() } else { call.object(INVALID)? };
    let mut body = Body::new(&document);
    let device_name = body.optional_any_text("deviceName", TEXT).map(str::to_owned);
    body.verdict(INVALID)?;
    require_initialized(call, imodel)?;
    let user_id = &call.caller.user.id;
    let own = imodel.briefcases.values().filter(|briefcase| briefcase.owner_id == *user_id);
    if own.count() >= MOST {
        let message = format!("A user has at most {MOST} briefcases.");
        return Err(ApiError::new(StatusCode::FORBIDDEN, "ResourceQuotaExceeded", message));
    }
    count_acquisition(call, &mut state)?;
    let briefcase = Briefcase {
        owner_id: user_id.clone(),
        acquired: call.platform.now(),
        device_name,
        program: draft::program(call),
        size: 0,
    };
    let imodel = state.imodels.get_mut(&id)?;
    let size = imodel.baseline.as_ref().map_or(0, |baseline| baseline.size);
    let briefcase = Briefcase { size, ..briefcase };
    imodel.last_briefcase = imodel.last_briefcase.saturating_add(1);
    let number = imodel.last_briefcase;
    let shown = full(call, imodel, number, &briefcase);
    imodel.briefcases.insert(number, briefcase);
    Ok(Answer::created(json!({"briefcase": shown})))
}

/// Counts a briefcase that the caller gets; 429 if it is one too many in a minute.
fn count_acquisition(call: &Call, state: &mut State) -> Result<(), ApiError> {
    let now = call.platform.now();
    let times = state.imodels.acquisitions.get_or_default(call.caller.user.id.clone());
    times.retain(|time| now.duration_since(*time) < MINUTE);
    if times.len() >= MOST {
        let message = format!("A user gets at most {MOST} briefcases in a minute.");
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(ApiError::new(status, "RateLimitExceeded", message));
    }
    times.push(now);
    Ok(())
}

fn release(call: &Call, id: &str, number: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let number = {
        let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
        let (number, briefcase) = find(seen.imodel, number.parse().ok())?;
        require_own(call, &seen, briefcase, Permission::IMODELS_MANAGE)?;
        number
    };
    let imodel = change(call, &mut state, id, Permission::IMODELS_WEBVIEW)?;
    imodel.briefcases.remove(&number);
    let latest = imodel.changesets.len();
    imodel.locks.release_some(number, latest, usize::MAX);
    Ok(Answer::no_content())
}
