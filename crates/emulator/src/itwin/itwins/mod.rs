//! iTwins v1.
//!
//! Our choices:
//! - A number and a name are unique among the iTwins of one sub-class in one
//!   account. Accounts are neither made nor deleted.
//! - A `parentId` that the caller may not see is 422. Where `itwins_create` is
//!   needed, it is needed at the parent or its account.
//! - `dataCenterLocation` stays what it was; another value is 422.
//! - The iTwins below a deleted one lose their parent.
//! - Lists are in the order in which the iTwins were made unless `$orderby` says
//!   otherwise; favorites in the order in which they were marked.
//! - `X-iTwin-Query-Scope: all` gives what the other two give together.

mod draft;
mod exports;
mod filter;
mod image;
mod list;
mod marks;
mod one;
mod query;
mod repositories;
mod show;

pub(crate) use exports::Export;
#[cfg(feature = "_fuzzing")]
pub(super) use filter::Filter;

use super::{
    ApiError,
    routes::{Answer, Call, spelled},
};

/// Code of 422.
const INVALID: &str = "InvalidiTwinsRequest";
/// Code of 404, as this API spells it.
const NOT_FOUND: &str = "iTwinNotFound";

const CLASSES: [(&str, &[&str]); 3] = [
    ("Account", &["Account"]),
    ("Endeavor", &["Project", "Program", "WorkPackage"]),
    ("Thing", &["Asset", "Portfolio"]),
];
const STATUSES: [&str; 3] = ["Active", "Inactive", "Trial"];

const LITERALS: [&str; 9] = [
    "favorites",
    "recents",
    "exports",
    "myprimaryaccount",
    "account",
    "image",
    "repositories",
    "resources",
    "graphics",
];

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &LITERALS);
    match (call.method(), path.as_slice()) {
        ("GET", []) => list::list(call),
        ("POST", []) => one::create(call),
        ("GET", ["myprimaryaccount"]) => one::primary_account(call),
        (_, ["favorites", rest @ ..]) => marks::favorites(call, rest),
        (_, ["recents", rest @ ..]) => marks::recents(call, rest),
        (_, ["exports", rest @ ..]) => exports::answer(call, rest),
        (_, ["repositories", ..]) => repositories::global(call, words),
        (_, [id, "image"]) => image::answer(call, id),
        ("GET", [id, "account"]) => one::account(call, id),
        (_, [id, "repositories", ..]) => repositories::answer(call, id, words),
        ("GET", [id]) => one::get(call, id),
        ("PATCH", [id]) => one::update(call, id),
        ("DELETE", [id]) => one::delete(call, id),
        _ => Err(ApiError::no_route()),
    }
}

/// All sub-classes there are.
fn sub_classes() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().flat_map(|(_, sub_classes)| sub_classes.iter().copied())
}
