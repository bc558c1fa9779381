//! The page on which a user enters the code that a device shows.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    super::{form::Form, grants::device_code, token::Authority},
    html::{Choice, notice, page},
};

type Shared = State<Arc<Authority>>;

pub(super) async fn show() -> Response {
    let body = "<form method=\"post\"><p><label>Code <input name=\"user_code\" autocomplete=\"off\">\
                </label></p><p><button>Next</button></p></form>";
    page(StatusCode::OK, "Enter the code", body, None)
}

/// First the code, then who signs in and whether.
pub(super) async fn answer(State(authority): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if is_from_elsewhere(&headers) {
        let text = "The form was sent by another site.";
        return notice(StatusCode::FORBIDDEN, "Enter the code", text);
    }
    let form = Form::of_body(&headers, &body);
    let field = |name| form.get(name).ok().flatten();
    let code = field("user_code").unwrap_or_default();
    let Some(device) = device_code::waiting(&authority, code) else {
        let text = "No device waits under this code. It may have expired.";
        return notice(StatusCode::BAD_REQUEST, "Enter the code", text);
    };
    let users = authority.directory.users(device.tenant_id.as_deref());
    let Some(decision) = field("decision") else {
        let application = authority.directory.application(None, &device.client_id);
        let name = application.map(|application| application.display_name).unwrap_or_default();
        let scopes = device.scopes.names.iter();
        return Choice {
            question: format!("Who signs in to {name} on another device?"),
            state: ("user_code", &device.user_code),
            users: users
                .into_iter()
                .map(|user| (user.object_id, format!("{} ({})", user.display_name, user.user_name)))
                .collect(),
            scopes: scopes.map(|name| format!("{}/{name}", device.scopes.audience)).collect(),
            target: None,
        }
        .show();
    };
    let chosen = field("user").unwrap_or_default();
    let user = users.into_iter().find(|user| user.object_id == chosen);
    let user = user.filter(|_| decision == "accept");
    device_code::settle(&authority, code, user.as_ref());
    let text = if user.is_some() {
        "You are signed in on the device. This window can be closed."
    } else {
        "The sign-in was declined. This window can be closed."
    };
    notice(StatusCode::OK, "Done", text)
}

/// Browsers say whether another site sent a form.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}
