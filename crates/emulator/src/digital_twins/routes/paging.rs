//! Continuation tokens of lists, and the links that carry them.
//!
//! A token holds the list it belongs to, the options of the first request, and
//! the last item given out. It is sealed, so that one that is not ours, or is
//! of another list, is refused with 400 `BadRequest`. It outlives neither the
//! process nor a day (our choice; the platform's life span is not known).

use serde::{Deserialize, Serialize};

use super::{call::Call, path::encode};
use crate::digital_twins::errors::ApiError;

/// How long a token is taken, in seconds.
const LIFETIME: i64 = 24 * 3600;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The list, as `models`, with the ids in its path.
    pub(super) list: Vec<String>,
    /// Options of the first request.
    pub(super) options: Vec<String>,
    /// The last item given out.
    pub(super) after: Vec<String>,
}

impl Call {
    /// Where the request goes on with `list`: `None` for a first page.
    pub(super) fn place(&self, list: &[&str]) -> Result<Option<Place>, ApiError> {
        let Some(token) = self.parameter("continuationToken") else { return Ok(None) };
        let now = self.instance.clock.unix_seconds();
        let place: Option<Place> = self.sealer.open(&token, now, LIFETIME);
        place.filter(|place| place.list == list).map(Some).ok_or_else(|| {
            ApiError::bad_request("BadRequest", "The continuation token is not valid.")
        })
    }

    /// The link to the next page at `path`, with the token and the version only.
    pub(super) fn next_link(&self, path: &str, place: Place) -> String {
        let token = self.sealer.seal(place, self.instance.clock.unix_seconds());
        format!(
            "{}{path}?continuationToken={}&api-version={}",
            self.origin,
            encode(&token),
            self.version.as_str()
        )
    }

    /// The link to the next page of a list whose items have one id.
    pub(super) fn simple_link(
        &self,
        path: &str,
        list: &[&str],
        next: Option<String>,
    ) -> Option<String> {
        let list = list.iter().map(|&part| part.to_owned()).collect();
        next.map(|id| self.next_link(path, Place { list, options: Vec::new(), after: vec![id] }))
    }
}

/// The one id after which a list of single ids goes on.
pub(super) fn after(place: Option<&Place>) -> Option<&str> {
    place.and_then(|place| place.after.first()).map(String::as_str)
}
