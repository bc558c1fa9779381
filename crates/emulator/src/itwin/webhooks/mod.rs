//! Webhooks v2: who is told what happens, and the telling.
//!
//! An event goes to every active webhook of its kind whose scope it is in: the
//! iTwin, or the account of the application. It is one POST, signed over the bytes
//! of its body. What is not answered with success in five seconds is sent again,
//! the same bytes with the same `messageId`.
//!
//! Our choices:
//! - The code of 422 is `InvalidWebhookRequest`. An iTwin that the caller may not
//!   see is 403. `scopeId` is passed over with the scope Account.
//! - An account's webhook is for administrators of the account.
//! - The webhooks of an application are its own: it may always read, change and
//!   delete them, and those of others are 404.
//! - A kind of event has the form `family.event.v1`; which there are is not asked.
//! - A callback is `https`, or `http` to this machine. Whose certificates are
//!   trusted is said by [`Config::callback_roots`](super::Config::callback_roots);
//!   those of the emulator's own authority always are.
//! - Redirects are failures. When a message is sent again, and how often, is said
//!   by [`Config::redeliveries`](super::Config::redeliveries), by the emulator's
//!   clock. A webhook that was stopped or deleted gets no more of what waits; one
//!   with a new secret gets it with the new signature.
//! - The webhooks of an iTwin stay when it is deleted, to tell so.

mod courier;
mod draft;
mod message;
mod post;
mod store;

use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use courier::Courier;
pub(crate) use store::Webhook;

use draft::Draft;

use super::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    state::State,
    time,
};

/// Code of 422.
const INVALID: &str = "InvalidWebhookRequest";

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    if !call.caller.user.is_service {
        return Err(ApiError::forbidden("Webhooks are for service applications."));
    }
    match (call.method(), words) {
        ("GET", []) => Ok(list(call)),
        ("POST", []) => create(call),
        ("GET", [id]) => get(call, id),
        ("PATCH", [id]) => update(call, id),
        ("DELETE", [id]) => delete(call, id),
        _ => Err(ApiError::no_route()),
    }
}

fn create(call: &Call) -> Result<Answer, ApiError> {
    let document = call.object(INVALID)?;
    let draft = Draft::read(&document, true)?;
    let mut state = call.platform.write();
    let scope_id = draft.scope_id.map(str::to_ascii_lowercase);
    check_right(call, &state, scope_id.as_deref())?;
    let now = call.platform.now();
    let mut webhook = Webhook {
        id: Uuid::new_v4().to_string(),
        client_id: call.caller.client_id.clone(),
        account_id: call.caller.user.account_id.clone(),
        scope_id,
        active: false,
        callback_url: String::new(),
        secret: new_secret(),
        event_types: Vec::new(),
        created: now,
        modified: now,
    };
    draft.apply(&mut webhook);
    let shown = json!({
        "id": webhook.id,
        "scope": webhook.scope(),
        "scopeId": webhook.scope_id,
        "active": webhook.active,
        "callbackUrl": webhook.callback_url,
        "secret": webhook.secret,
        "eventTypes": webhook.event_types,
    });
    state.webhooks.insert(webhook.id.clone(), webhook);
    Ok(Answer::created(shown))
}

/// 403 unless the caller may be told of this iTwin, or of the whole account.
fn check_right(call: &Call, state: &State, itwin_id: Option<&str>) -> Result<(), ApiError> {
    let Some(itwin_id) = itwin_id else {
        if state.administrators.contains(&call.caller.user.id) {
            return Ok(());
        }
        return Err(ApiError::forbidden("This is for administrators of the account."));
    };
    let found = state.visible(&call.caller, itwin_id, "");
    let (_, standing) = found.map_err(|_| {
        ApiError::forbidden("There is no such iTwin, or the caller may not see it.")
    })?;
    standing.require(Permission::WEBHOOKS_MAINTAINER)
}

/// 64 hexadecimal digits, made of two random UUIDs.
fn new_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

fn list(call: &Call) -> Answer {
    let state = call.platform.read();
    let own = state.webhooks.values().filter(|it| it.client_id == call.caller.client_id);
    let shown: Vec<Value> = own.map(show).collect();
    Answer::ok(json!({"webhooks": shown}))
}

fn find<'s>(call: &Call, state: &'s State, id: &str) -> Result<&'s Webhook, ApiError> {
    let found = state.webhooks.get(&id.to_ascii_lowercase());
    let own = found.filter(|webhook| webhook.client_id == call.caller.client_id);
    own.ok_or_else(|| ApiError::not_found("WebhookNotFound", "webhook"))
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    Ok(Answer::ok(show(find(call, &state, id)?)))
}

fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let mut webhook = find(call, &state, id)?.clone();
    let document = call.object(INVALID)?;
    Draft::read(&document, false)?.apply(&mut webhook);
    webhook.modified = call.platform.now();
    let answer = Answer::ok(show(&webhook));
    state.webhooks.insert(webhook.id.clone(), webhook);
    Ok(answer)
}

fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let id = find(call, &state, id)?.id.clone();
    state.webhooks.remove(&id);
    Ok(Answer::no_content())
}

/// Everything but the secret, which is shown once.
fn show(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "scope": webhook.scope(),
        "scopeId": webhook.scope_id,
        "active": webhook.active,
        "callbackUrl": webhook.callback_url,
        "eventTypes": webhook.event_types,
        "created": time::shown(webhook.created),
        "modified": time::shown(webhook.modified),
    })
}
