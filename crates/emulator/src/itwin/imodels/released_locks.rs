//! Locks that were let go after a changeset, so that others know what may have
//! changed.
//!
//! Our choices: it needs `imodels_webview`; only the last time that somebody let go
//! of an element is known; a page counts levels.

use super::{
    listing::Listing,
    locks::{level_name, locked},
    look::look,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
};

pub(super) fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let after = listing.needed_number("afterChangesetIndex").unwrap_or_default();
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let found = imodel.locks.released_after(after).into_iter().collect();
    Ok(paging.answer("releasedLocks", found, |(level, objects): (_, Vec<&str>)| {
        locked(level_name(level), &objects)
    }))
}
