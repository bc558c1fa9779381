//! Data export (previews): destinations, exports to them, and which go where.
//! Nothing is really exported.
//!
//! Our choices: a destination is `waiting` until an export that is enabled uses
//! it, then `healthy`; an export is `healthy` while it is enabled and else
//! `notStarted`. A destination that exports use cannot be deleted (409).

mod destination;
mod destinations;
mod exports;

use serde_json::Value;

use self::{destinations::Destinations, exports::Exports};
use super::collection::{self, Collection, Context};
use crate::iot_central::{
    ApiError,
    access::{Access, Area},
    routes::{Answer, Call, ListOptions, nothing_here},
    state::{Record, State},
};

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", ["destinations", id, "exports"]) => exports_of(call, id),
        ("GET", ["exports", id, "destinations"]) => destinations_of(call, id),
        (_, ["destinations", rest @ ..]) => Destinations::answer(call, rest),
        (_, ["exports", rest @ ..]) => Exports::answer(call, rest),
        _ => Err(nothing_here()),
    }
}

/// The exports that go to a destination.
fn exports_of(call: &Call, destination: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::Exports, Access::Read)?;
    let state = call.application.read();
    collection::visible::<Destinations>(call, &state, destination)?;
    let names: Vec<&str> = state
        .exports
        .iter()
        .filter(|(_, export)| destination_ids(export).any(|id| id == destination))
        .map(|(id, _)| id.as_str())
        .collect();
    some_of::<Exports>(call, &state, names)
}

/// The destinations of an export.
fn destinations_of(call: &Call, export: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::Exports, Access::Read)?;
    let state = call.application.read();
    let record = collection::visible::<Exports>(call, &state, export)?;
    let mut names: Vec<&str> = destination_ids(record).collect();
    names.sort_unstable();
    names.dedup();
    some_of::<Destinations>(call, &state, names)
}

/// A page of resources by id.
fn some_of<C: Collection>(call: &Call, state: &State, ids: Vec<&str>) -> Result<Answer, ApiError> {
    let page = call.page(ListOptions::None)?;
    let context = Context { call, state };
    let left = |id: &&str| page.after.as_ref().is_none_or(|after| *id > after.as_str());
    let items = ids.into_iter().filter(left).filter_map(|id| {
        let record = C::table(state).get(id)?;
        Some((id.to_owned(), C::show(&context, id, record)))
    });
    Ok(call.answer_page(&page, items))
}

fn destination_ids(export: &Record) -> impl Iterator<Item = &str> {
    let destinations = export.document.get("destinations").and_then(Value::as_array);
    destinations.into_iter().flatten().filter_map(|destination| destination.get("id")?.as_str())
}

fn is_enabled(export: &Record) -> bool {
    export.document.get("enabled") == Some(&Value::Bool(true))
}
