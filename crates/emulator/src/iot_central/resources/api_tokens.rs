//! API tokens: made once, never changed, listed without their text.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    collection::{self, Collection, Context, table},
    users,
};
use crate::iot_central::{
    ApiError,
    access::{Access, Area, api_token},
    routes::{Answer, Call, nothing_here},
    rules::{Body, ids},
    state::{Document, Record, State},
};

struct ApiTokens;

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => collection::list::<ApiTokens>(call),
        ("GET", [id]) => collection::get::<ApiTokens>(call, id),
        ("PUT", [id]) => create(call, id),
        ("DELETE", [id]) => collection::delete::<ApiTokens>(call, id),
        _ => Err(nothing_here()),
    }
}

/// The only call that shows the token's text.
fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::People, Access::Write)?;
    ApiTokens::check_id(id)?;
    let mut document = call.object()?;
    for member in ["id", "token", "etag"] {
        document.shift_remove(member);
    }
    let application = &call.application;
    let mut state = application.write();
    if state.api_tokens.contains_key(id) {
        return Err(ApiError::conflict(format!("There is an API token {id:?} already.")));
    }
    ApiTokens::check(&Context { call, state: &state }, id, &document, None)?;
    users::separate_organizations(&mut document);
    let expiry = match document.get("expiry").and_then(Value::as_str) {
        Some(text) => text.parse::<Timestamp>().map_err(|_| expiry_fault())?,
        None => api_token::default_expiry(application.now()),
    };
    if expiry <= application.now() {
        return Err(ApiError::invalid("expiry is over"));
    }
    document.insert("expiry".to_owned(), format!("{expiry:.3}").into());
    let record = Record::new(document);
    collection::writable::<ApiTokens>(call, id, &record)?;
    let text = api_token::mint(application.id(), id, expiry);
    state.token_digests.insert(id.to_owned(), api_token::digest_of(&text));
    let mut members = collection::shown(id, &record, false);
    members.insert("token".to_owned(), text.into());
    state.api_tokens.insert(id.to_owned(), record);
    Ok(Answer::ok(members.into()))
}

fn expiry_fault() -> ApiError {
    ApiError::invalid("expiry is no time")
}

impl Collection for ApiTokens {
    const KIND: &'static str = "API token";
    const AREA: Area = Area::People;

    table!(api_tokens);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::any(Self::KIND, id, 256)
    }

    fn organizations<'r>(_id: &'r str, record: &'r Record) -> Vec<&'r str> {
        users::assigned_organizations(&record.document)
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        _old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        body.optional_text("expiry");
        users::check_roles(context, &mut body);
        body.verdict()?;
        users::check_grants(context.call, document)
    }

    fn deleted(state: &mut State, id: &str) {
        state.token_digests.remove(id);
    }
}
