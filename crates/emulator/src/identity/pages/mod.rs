//! The pages that users see, as plain as can be: no style but a few lines, and
//! no script but the one that sends a form on.
//!
//! The vendor's: the parameters of the authorize endpoint and of its answer,
//! error words and codes, and that errors go to the redirect address only if it
//! is registered. Ours: the looks; that a user is chosen from a list, without a
//! password; that the page is always shown unless the directory signs a user in
//! automatically ([`Directory::sign_in_automatically`]) or the request has
//! `auto=1` beside `login_hint`; that public clients must use PKCE with S256
//! and confidential ones may.
//!
//! [`Directory::sign_in_automatically`]: super::Directory::sign_in_automatically

mod authorize;
mod device;
pub(crate) mod html;
mod logout;
mod reply;
mod request;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, header},
    routing::get,
};
pub(crate) use reply::{Mode, Reply};
pub(crate) use request::AuthorizeRequest;

use super::token::Authority;

/// Name of the cookie by which a browser is known.
const COOKIE: &str = "twinkit-sign-in";

/// The routes of all pages.
pub(crate) fn router(authority: Arc<Authority>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::show).post(authorize::decide))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::show))
        .route("/{tenant}/oauth2/authorize", get(authorize::refuse_version_one))
        .route("/device", get(device::show).post(device::answer))
        .with_state(authority)
}

/// The value of our cookie.
fn browser(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}
