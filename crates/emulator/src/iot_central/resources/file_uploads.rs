//! The configuration of file uploads: one of an application, or none.
//!
//! Our choices: while it is being deleted it cannot be changed (409); the key of
//! the account is needed, and the asterisks that are shown in its place are
//! refused (422).

use serde_json::Value;

use super::collection;
use crate::iot_central::{
    ApiError,
    access::{Access, Area},
    file_upload::{Change, FileUpload},
    routes::{Answer, ApiVersion, Call, nothing_here},
    rules::{Body, merge, secrets},
    state::{Document, Record, State},
};

const KIND: &str = "configuration of file uploads";

/// How long links for uploads live unless it is said.
const DEFAULT_LIFETIME: &str = "PT1H";

/// Members that only the service writes.
const READ_ONLY: [&str; 3] = ["id", "etag", "state"];

pub(super) fn answer(call: &Call) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => get(call),
        "PUT" => put(call),
        "PATCH" => patch(call),
        "DELETE" => delete(call),
        _ => Err(nothing_here()),
    }
}

fn get(call: &Call) -> Result<Answer, ApiError> {
    call.caller.require(Area::Connections, Access::Read)?;
    let state = call.application.read();
    let (found, word) = current(call, &state).ok_or_else(missing)?;
    Ok(Answer::ok(show(call, &found.record, word)))
}

fn put(call: &Call) -> Result<Answer, ApiError> {
    require_write(call)?;
    let document = call.object()?;
    let mut state = call.application.write();
    let old = current(call, &state).map(|(found, word)| (found.record.clone(), word));
    let change = if old.is_some() { Change::Updated } else { Change::Created };
    check_change(document.get("etag"), old.as_ref())?;
    store(call, &mut state, document, change)
}

fn patch(call: &Call) -> Result<Answer, ApiError> {
    require_write(call)?;
    let patch = call.merge_patch()?;
    let mut state = call.application.write();
    let (found, word) = current(call, &state).ok_or_else(missing)?;
    let old = found.record.clone();
    if call.if_match().is_some_and(|given| given != "*" && given != old.etag) {
        return Err(precondition());
    }
    let mut document = old.document.clone();
    check_change(patch.get("etag"), Some(&(old, word)))?;
    merge(&mut document, patch);
    store(call, &mut state, document, Change::Updated)
}

fn delete(call: &Call) -> Result<Answer, ApiError> {
    require_write(call)?;
    let mut state = call.application.write();
    let (found, word) = current(call, &state).ok_or_else(missing)?;
    check_change(None, Some(&(found.record.clone(), word)))?;
    let (changed, fails) = (call.application.now(), false);
    let record = found.record.clone();
    *state.file_upload = Some(FileUpload { record, change: Change::Deleted, changed, fails });
    Ok(Answer::no_content())
}

/// It is the application's, so a role of an organization does not reach it.
fn require_write(call: &Call) -> Result<(), ApiError> {
    call.caller.require(Area::Connections, Access::Write)
}

/// What there is, and its state.
fn current<'s>(call: &Call, state: &'s State) -> Option<(&'s FileUpload, &'static str)> {
    let found = state.file_upload.as_ref()?;
    let application = &call.application;
    let word = found.state(application.now(), application.config.file_upload_changes)?;
    Some((found, word))
}

fn missing() -> ApiError {
    ApiError::not_found(format!("There is no {KIND}."))
}

fn precondition() -> ApiError {
    ApiError::precondition(KIND, "fileUploads")
}

fn check_change(
    etag: Option<&Value>,
    old: Option<&(Record, &'static str)>,
) -> Result<(), ApiError> {
    if old.is_some_and(|(_, word)| *word == "deleting") {
        return Err(ApiError::conflict(format!("The {KIND} is being deleted.")));
    }
    let etag = etag.and_then(Value::as_str);
    let fits = |etag: &str| etag == "*" || old.is_some_and(|(old, _)| old.etag == etag);
    if etag.is_none_or(fits) { Ok(()) } else { Err(precondition()) }
}

fn store(
    call: &Call,
    state: &mut State,
    mut document: Document,
    change: Change,
) -> Result<Answer, ApiError> {
    for member in READ_ONLY {
        document.shift_remove(member);
    }
    check(&document)?;
    document.entry("sasTtl").or_insert(DEFAULT_LIFETIME.into());
    let record = Record::new(document);
    let (changed, fails) = (call.application.now(), *state.file_uploads_fail);
    let upload = FileUpload { record: record.clone(), change, changed, fails };
    // Where changes take no time, this one is done already.
    let takes = call.application.config.file_upload_changes;
    let word = upload.state(changed, takes).unwrap_or_default();
    *state.file_upload = Some(upload);
    Ok(Answer::ok(show(call, &record, word)))
}

fn check(document: &Document) -> Result<(), ApiError> {
    let mut body = Body::new(document);
    if let Some(text) = body.text("connectionString") {
        if secrets::is_masked_connection_string(text) {
            body.fault(
                "connectionString has asterisks in place of the key; leave it out of a PATCH \
                 to keep the key that is there",
            );
        } else {
            for part in ["AccountName", "AccountKey"] {
                if secrets::part(text, part).is_none_or(str::is_empty) {
                    body.fault(format!("connectionString names no {part}"));
                }
            }
        }
    }
    if body.text("container").is_some_and(|name| !is_container(name)) {
        body.fault("container is no name of a container: 3 to 63 of a-z, 0-9 and single -");
    }
    body.optional_text("account");
    body.optional_bool("readAccess");
    if body.optional_text("sasTtl").is_some_and(|text| !is_duration(text)) {
        body.fault("sasTtl is no duration such as PT1H");
    }
    body.verdict()
}

/// Of ISO 8601 and more than nothing.
fn is_duration(text: &str) -> bool {
    text.starts_with('P') && text.parse::<jiff::Span>().is_ok_and(|span| span.is_positive())
}

fn is_container(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=63).contains(&name.len())
        && name.chars().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

fn show(call: &Call, record: &Record, word: &str) -> Value {
    let mut members = collection::shown("", record, true);
    members.shift_remove("id");
    if let Some(text) = record.text("connectionString") {
        let shown = secrets::masked_connection_string(text);
        members.insert("connectionString".to_owned(), shown.into());
    }
    if call.version == ApiVersion::Preview {
        members.entry("readAccess").or_insert(false.into());
    } else {
        members.shift_remove("readAccess");
    }
    members.insert("state".to_owned(), word.into());
    members.into()
}
