//! Exports: lists of iTwins as files.
//!
//! Our choices: the file is made when the export is asked for and shown when the
//! time for it has passed; it is a JSON list, or CSV with a line of names; a
//! second export beside one that runs, and a fourth in an hour, is 429
//! `RateLimitExceeded` without the gateway's headers, as other limits of back ends
//! are; an export that is not there is 404 `ExportNotFound`.

mod archive;
mod file;

use std::time::Duration;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    INVALID,
    filter::Filter,
    list::{Scope, select},
    query::read_sub_classes,
    show,
};
use crate::{
    itwin::{
        ApiError, Platform,
        routes::{Answer, Call},
        rules::Body,
        state::{Document, State},
        time,
    },
    storage::Permissions,
};

/// Container of the files in storage.
const FILES: &str = "itwin-exports";
/// How long an export is there.
const LIFETIME: SignedDuration = SignedDuration::from_hours(4);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How many exports a user may make in an hour.
const MOST: usize = 3;
/// Longest text of a member.
const TEXT: usize = 4000;

/// An export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Export {
    id: String,
    request: Document,
    user_id: String,
    client_id: String,
    created: Timestamp,
    blob: String,
}

/// What an export is asked for.
struct Order {
    scope: Scope,
    sub_classes: Option<Vec<String>>,
    names: Vec<&'static str>,
    filter: Option<Filter>,
    includes_inactive: bool,
    format: file::Format,
}

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("POST", []) => create(call),
        ("GET", []) => list(call),
        ("GET", [id]) => get(call, id),
        _ => Err(ApiError::no_route()),
    }
}

impl Order {
    fn read(document: &Document) -> Result<Self, ApiError> {
        let mut body = Body::new(document);
        let formats = file::Format::ALL.map(|(name, _)| name);
        let format = body.one_of("outputFormat", &formats).and_then(file::Format::named);
        let scope =
            match body.optional_one_of("queryScope", &["MemberOfiTwin", "OrganizationAdmin"]) {
                Some("OrganizationAdmin") => Scope::Administrator,
                _ => Scope::Member,
            };
        let includes_inactive = body.optional_bool("includeInactive").unwrap_or(false);
        let mut details = Vec::new();
        let sub_classes =
            body.optional_text("subClass", TEXT).map(|list| read_sub_classes(list, &mut details));
        let names = body.optional_text("select", TEXT).map(|text| select(text, &mut details));
        let filter = body.optional_text("filter", TEXT).map(Filter::read);
        for detail in details {
            body.fault(detail);
        }
        body.verdict(INVALID)?;
        Ok(Self {
            scope,
            sub_classes,
            names: names.unwrap_or_else(|| show::MEMBERS.to_vec()),
            filter: filter.transpose()?,
            includes_inactive,
            format: format.unwrap_or(file::Format::Csv),
        })
    }
}

fn create(call: &Call) -> Result<Answer, ApiError> {
    let request = call.object(INVALID)?;
    let order = Order::read(&request)?;
    let platform = &call.platform;
    let now = platform.now();
    let mut state = platform.write();
    state.exports.retain(|export| now < later(export.created, LIFETIME));
    check_limits(call, &state, now)?;
    let found: Vec<Document> = state
        .itwins
        .values()
        .filter(|itwin| {
            order.scope.holds(&state, &call.caller, itwin)
                && (order.includes_inactive || itwin.status != "Inactive")
                && order.sub_classes.as_ref().is_none_or(|list| list.contains(&itwin.sub_class))
        })
        .map(show::unsigned)
        .filter(|itwin| order.filter.as_ref().is_none_or(|filter| filter.lets(itwin)))
        .collect();
    let id = Uuid::new_v4().to_string();
    let blob = format!("{id}/iTwins.{}", order.format.extension());
    platform.storage.put(FILES, &blob, order.format.write(&found, &order.names));
    let export = Export {
        id,
        request,
        user_id: call.caller.user.id.clone(),
        client_id: call.caller.client_id.clone(),
        created: now,
        blob,
    };
    let answer = json!({"export": show(platform, &export)});
    state.exports.insert(0, export);
    Ok(Answer::created(answer))
}

fn check_limits(call: &Call, state: &State, now: Timestamp) -> Result<(), ApiError> {
    let own = || state.exports.iter().filter(|export| export.user_id == call.caller.user.id);
    let runs = own().any(|export| completed(&call.platform, export) > now);
    let recent = own().filter(|export| now < later(export.created, HOUR)).count();
    if !runs && recent < MOST {
        return Ok(());
    }
    let status = StatusCode::TOO_MANY_REQUESTS;
    let message = "A user may have one export at a time, and three in an hour.";
    Err(ApiError::new(status, "RateLimitExceeded", message))
}

fn list(call: &Call) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let exports: Vec<Value> =
        own(call, &state).map(|export| show(&call.platform, export)).collect();
    Ok(Answer::ok(json!({"exports": exports})))
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let found = own(call, &state).find(|export| export.id.eq_ignore_ascii_case(id));
    let export = found.ok_or_else(|| ApiError::not_found("ExportNotFound", "export"))?;
    Ok(Answer::ok(json!({"export": show(&call.platform, export)})))
}

/// Those of the same user and the same application that are still there.
fn own<'s>(call: &'s Call, state: &'s State) -> impl Iterator<Item = &'s Export> {
    let now = call.platform.now();
    state.exports.iter().filter(move |export| {
        export.user_id == call.caller.user.id
            && export.client_id == call.caller.client_id
            && now < later(export.created, LIFETIME)
    })
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn step(platform: &Platform, export: &Export, steps: u32) -> Timestamp {
    let passed: Duration = platform.config.export_step.saturating_mul(steps);
    later(export.created, SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX))
}

fn completed(platform: &Platform, export: &Export) -> Timestamp {
    step(platform, export, 2)
}

fn show(platform: &Platform, export: &Export) -> Value {
    let now = platform.now();
    let (started, completed) = (step(platform, export, 1), completed(platform, export));
    let status = match now {
        now if now < started => "Queued",
        now if now < completed => "InProgress",
        _ => "Completed",
    };
    let passed = |time: Timestamp| (time <= now).then(|| time::shown(time));
    let url = passed(completed).map(|_| {
        let lifetime = platform.config.signed_url;
        platform.storage.signed_url(FILES, &export.blob, Permissions::read(), lifetime)
    });
    json!({
        "id": export.id,
        "request": export.request,
        "status": status,
        "outputUrl": url,
        "createdBy": export.user_id,
        "createdDateTime": time::shown(export.created),
        "startedDateTime": passed(started),
        "completedDateTime": passed(completed),
    })
}
