//! Signing out: the browser is forgotten. Tokens stay good, as at Entra.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use url::Url;

use super::{
    super::{form::Form, token::Authority},
    COOKIE, browser,
    html::notice,
    reply::redirect,
};

/// Redirects to `post_logout_redirect_uri` only if the application named by
/// `client_id` registered it.
pub(super) async fn show(
    State(authority): State<Arc<Authority>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(browser) = browser(&headers) {
        authority.sign_ins.browsers.take(browser, authority.clock.unix_seconds());
    }
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let mut response = match target(&authority, &query) {
        Some(target) => redirect(target.as_str()),
        None => notice(StatusCode::OK, "Signed out", "You are signed out."),
    };
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

fn target(authority: &Authority, query: &Form) -> Option<Url> {
    let uri = query.get("post_logout_redirect_uri").ok()??;
    let client_id = query.get("client_id").ok()??;
    let application = authority.directory.application(None, client_id)?;
    if !application.takes_redirect(uri) {
        return None;
    }
    let mut url = Url::parse(uri).ok()?;
    if let Ok(Some(state)) = query.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Some(url)
}
