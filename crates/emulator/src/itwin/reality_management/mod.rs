//! Reality Management v1: captured data, each with a container for its files.
//!
//! `iTwinId` says by the permissions of which iTwin a call is judged. Without it an
//! owner of the data may do anything with them; the holder of a share key is judged
//! by the iTwin of the share.
//!
//! Our choices:
//! - Where `iTwinId` may be given and is not, owners of an iTwin that the data
//!   belong to, and administrators, may do as the owner of the data; others are
//!   403. An operation that takes none asks for the permission in any iTwin that
//!   the data belong to. Who sees none of them is answered 404.
//! - An `iTwinId` that the data do not belong to is 404. In a body that makes or
//!   moves data, one that is not there is 422; in the list 403.
//! - Reading what is known of data needs `realitydata_use`, changing it
//!   `realitydata_manage`.
//! - Data may be made without an iTwin. They lie in the default data center then.
//! - A list without `iTwinId` has what the caller owns. `extent` lets through what
//!   overlaps it, `acquisitionDateTime` likewise; `$search` looks at name,
//!   description, dataset, group and tags, in any case of letters.
//! - In a change, null takes a member away.
//! - To associate again is 200; to move to where the data are is 204.
//! - `authoring` is kept and shown, and forbids nothing.
//! - `lastAccessedDateTime` is when access to the container was last given.

mod associations;
mod container;
mod draft;
mod list;
mod one;
mod query;
mod rights;
mod show;
mod store;

pub(crate) use store::RealityStore;

use super::{
    ApiError,
    routes::{Answer, Call, spelled},
};

/// Code of 422.
const INVALID: &str = "InvalidRealityDataRequest";

const LITERALS: [&str; 5] = ["reality-data", "readaccess", "writeaccess", "itwins", "move"];

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &LITERALS);
    let ["reality-data", path @ ..] = path.as_slice() else { return Err(ApiError::no_route()) };
    match (call.method(), path) {
        ("GET", []) => list::list(call),
        ("POST", []) => one::create(call),
        ("GET", [id]) => one::get(call, id),
        ("PATCH", [id]) => one::update(call, id),
        ("DELETE", [id]) => one::delete(call, id),
        ("GET", [id, "readaccess"]) => container::read_access(call, id),
        ("GET", [id, "writeaccess"]) => container::write_access(call, id),
        ("GET", [id, "itwins"]) => associations::list(call, id),
        ("POST", [id, "itwins", itwin]) => associations::associate(call, id, itwin),
        ("DELETE", [id, "itwins", itwin]) => associations::dissociate(call, id, itwin),
        ("PATCH", [id, "move"]) => associations::relocate(call, id),
        _ => Err(ApiError::no_route()),
    }
}
