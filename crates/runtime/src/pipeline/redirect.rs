//! Redirects that belong to an operation: where its table row says so, the
//! answer is fetched from where the service says it lies, on the client's own
//! origin and nowhere else.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Response, StatusCode, Url};
use twinkit_http::Origin;

use crate::Error;

/// More redirects than this in a row lead nowhere.
pub(super) const MAX_HOPS: usize = 5;

const FOREIGN: &str =
    "the credential is for this client's endpoint only: fetch that address by other means";

/// Whether a status says that the answer lies elsewhere.
pub(super) fn is_one(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where to go on.
///
/// # Errors
/// There is no address, or it is not one of this origin. The address itself is
/// not shown: it may be signed.
pub(crate) fn target(origin: &Origin, from: &Url, response: &Response) -> Result<Url, Error> {
    let headers = response.headers();
    let refused = |message: String| Error::redirected(response.status(), headers.clone(), message);
    let url = location(headers)
        .and_then(|text| from.join(text).ok())
        .ok_or_else(|| refused("the redirect names no address".to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the redirect holds a user name; it was not followed".to_owned()));
    }
    if origin.contains(&url) {
        return Ok(url);
    }
    let there = Origin::of(&url).map_or_else(|| url.scheme().to_owned(), |there| there.to_string());
    let message = format!("the answer lies at {there}, not at {origin}; it was not fetched");
    Err(refused(message).or_hint(FOREIGN))
}

/// More of them came than are followed.
pub(super) fn endless(response: &Response) -> Error {
    let message = format!("the answer did not come within {MAX_HOPS} redirects");
    Error::redirected(response.status(), response.headers().clone(), message)
}

fn location(headers: &HeaderMap) -> Option<&str> {
    headers.get(LOCATION)?.to_str().ok().filter(|text| !text.is_empty())
}
