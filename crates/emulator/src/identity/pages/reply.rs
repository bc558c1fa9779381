//! How an authorize endpoint answers the application: back through the
//! browser, to the redirect address.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::html;

/// The `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    Query,
    FormPost,
    /// For refusals of the implicit flow only.
    Fragment,
}

/// Where an answer goes, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// Checked against the application's registration.
    pub(crate) redirect_uri: String,
    pub(crate) mode: Mode,
    /// What the application sent, to be handed back as it was.
    pub(crate) state: Option<String>,
}

impl Reply {
    pub(crate) fn send(&self, mut fields: Vec<(&str, String)>) -> Response {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        if self.mode == Mode::FormPost {
            return html::send_on(&self.redirect_uri, &fields);
        }
        let Ok(mut url) = Url::parse(&self.redirect_uri) else {
            return html::notice(StatusCode::BAD_REQUEST, "Sign in", "No redirect address.");
        };
        if self.mode == Mode::Query {
            url.query_pairs_mut().extend_pairs(&fields);
        } else {
            let fragment =
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            url.set_fragment(Some(&fragment));
        }
        redirect(url.as_str())
    }
}

/// A redirect that is not cached and tells nobody where it came from.
pub(crate) fn redirect(url: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(url) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_is_there_is_kept() {
        let reply = Reply {
            redirect_uri: "http://localhost:1/cb?a=1".to_owned(),
            mode: Mode::Query,
            state: Some("x&y".to_owned()),
        };
        let response = reply.send(vec![("code", "c".to_owned())]);
        assert_eq!(response.status(), StatusCode::FOUND);
        assert_eq!(response.headers()["location"], "http://localhost:1/cb?a=1&code=c&state=x%26y");
        let fragment = Reply { mode: Mode::Fragment, state: None, ..reply }.send(vec![]);
        assert_eq!(fragment.headers()["location"], "http://localhost:1/cb?a=1#");
    }
}
