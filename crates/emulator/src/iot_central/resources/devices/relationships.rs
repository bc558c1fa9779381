//! Relationships between devices: `{id, source, target}`, the source above the
//! target.
//!
//! Our choices: ids are unique in the application; the device in the path is the
//! source or the target; who may change one of the two may write the
//! relationship. A device that is not there is 404 in the path and 422 in a body.

use super::{Devices, device};
use crate::iot_central::{
    ApiError,
    access::Access,
    resources::collection::{shown, visible},
    routes::{Answer, Call, ListOptions, nothing_here},
    rules::{Body, ids, merge},
    state::{Document, Record, State},
};

const KIND: &str = "relationship";
const ENDS: [&str; 2] = ["source", "target"];

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("GET", [relationship]) => {
            let state = call.application.read();
            device(call, &state, id, Access::Read)?;
            let record = find(&state, id, relationship)?;
            Ok(Answer::ok(shown(relationship, record, false).into()))
        }
        ("PUT", [relationship]) => {
            ids::any(KIND, relationship, 256)?;
            let body = call.object()?;
            let mut state = call.application.write();
            device(call, &state, id, Access::Write)?;
            let other = state.relationships.get(*relationship);
            if other.is_some_and(|record| !touches(record, id)) {
                return Err(ApiError::conflict("There is such a relationship of other devices."));
            }
            store(call, &mut state, id, relationship, body)
        }
        ("PATCH", [relationship]) => {
            let patch = call.merge_patch()?;
            let mut state = call.application.write();
            device(call, &state, id, Access::Write)?;
            let mut document = find(&state, id, relationship)?.document.clone();
            merge(&mut document, patch);
            store(call, &mut state, id, relationship, document)
        }
        ("DELETE", [relationship]) => {
            let mut state = call.application.write();
            device(call, &state, id, Access::Write)?;
            find(&state, id, relationship)?;
            state.relationships.remove(*relationship);
            Ok(Answer::no_content())
        }
        _ => Err(nothing_here()),
    }
}

fn touches(record: &Record, device: &str) -> bool {
    ENDS.iter().any(|end| record.text(end) == Some(device))
}

fn find<'s>(state: &'s State, device: &str, id: &str) -> Result<&'s Record, ApiError> {
    let record = state.relationships.get(id).filter(|record| touches(record, device));
    record.ok_or_else(|| ApiError::no_such(KIND, id))
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let page = call.page(ListOptions::Size)?;
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    let after = page.after.as_ref();
    let found = state.relationships.iter().filter(|(relationship, record)| {
        after.is_none_or(|after| *relationship > after) && touches(record, id)
    });
    let items = found.map(|(id, record)| (id.clone(), shown(id, record, false).into()));
    Ok(call.answer_page(&page, items))
}

fn store(
    call: &Call,
    state: &mut State,
    device: &str,
    id: &str,
    mut document: Document,
) -> Result<Answer, ApiError> {
    for member in ["id", "etag"] {
        document.shift_remove(member);
    }
    check(call, state, device, &document)?;
    let record = Record::new(document);
    let answer = shown(id, &record, false);
    state.relationships.insert(id.to_owned(), record);
    Ok(Answer::ok(answer.into()))
}

fn check(call: &Call, state: &State, device: &str, document: &Document) -> Result<(), ApiError> {
    let mut body = Body::new(document);
    let ends: Vec<&str> = ENDS
        .iter()
        .filter_map(|end| {
            let other = body.text(end)?;
            if visible::<Devices>(call, state, other).is_err() {
                body.fault(format!("{end} names no device: {other:?}"));
            }
            Some(other)
        })
        .collect();
    if let [source, target] = ends.as_slice() {
        if source == target {
            body.fault("source and target are the same device");
        }
        if !ends.contains(&device) {
            body.fault(format!("neither source nor target is the device in the path, {device:?}"));
        }
    }
    body.verdict()
}
