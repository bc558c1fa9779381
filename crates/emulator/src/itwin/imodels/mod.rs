//! iModels v2.
//!
//! | file | duty |
//! |---|---|
//! | `look`, `permissions`, `shares` | who may do what in one iModel |
//! | `create`, `copy`, `baseline`, `one`, `list` | iModels, and how they are made |
//! | `briefcases`, `changesets`, `push`, `groups`, `extended_data` | what is changed |
//! | `named_versions`, `checkpoints` | what is named and kept ready |
//! | `locks`, `lock_update`, `released_locks` | elements that briefcases keep |
//! | `files`, `thumbnail`, `png` | files behind signed addresses; pictures |
//! | `marks`, `users` | what the caller marked; who works with an iModel |
//! | `listing`, `draft`, `show` | what lists, bodies and answers have in common |
//!
//! Our choices, where the platform's behaviour is not known:
//! - A stronger permission holds for a weaker one, in the order `imodels_webview`,
//!   `imodels_read`, `imodels_write`, `imodels_manage`; `imodels_delete` stands
//!   alone. Permissions of the iModel itself replace those of members; owners and
//!   administrators keep theirs.
//! - Who sees the iTwin and lacks the permission gets 403, others 404.
//! - Something in a body that is not there is 422 where the operation has no 404 of
//!   its own; what an iModel or a file is not ready for is 422, too, with the detail
//!   `InvalidChange`.
//! - An empty iModel is usable at once, with a `creationMode` and without. A template
//!   without a changeset stands for its baseline, a clone or fork without one for
//!   its latest changeset; their names are those of what they are copied from,
//!   unless given. Changesets are never applied: a copy gets the baseline file as it
//!   is.
//! - Names are unique in an iTwin, by letter.
//! - Events are told when the making of an iModel begins.
//! - Links have `$skip` in them unless the request has a `$continuationToken`; the
//!   two together are 422, and so is a `$top` of 0.
//!
//! Further ones stand with the operations that they concern.

mod baseline;
mod briefcases;
mod changesets;
mod checkpoints;
mod copy;
mod create;
mod draft;
mod extended_data;
mod files;
mod groups;
mod list;
mod listing;
mod lock_update;
mod locks;
mod look;
mod marks;
mod named_versions;
mod one;
mod permissions;
mod png;
mod push;
mod released_locks;
mod shares;
mod show;
mod state;
mod thumbnail;
mod users;

pub(crate) use state::ImodelsState;
pub use state::Outcome;

use super::{
    ApiError, Platform,
    errors::Detail,
    routes::{Answer, Call, spelled},
};

/// Code of 422.
const INVALID: &str = "InvalidiModelsRequest";
/// Code of 404 for an iModel.
const NOT_FOUND: &str = "iModelNotFound";
/// Code of 404 for an iTwin, as this API spells it.
const NO_ITWIN: &str = "iTwinNotFound";
/// Most characters of names and other texts.
const TEXT: usize = 255;

const LITERALS: [&str; 20] = [
    "favorites",
    "recents",
    "clone",
    "fork",
    "operations",
    "create",
    "baselinefile",
    "briefcases",
    "checkpoint",
    "changesets",
    "extendeddata",
    "changesetgroups",
    "namedversions",
    "thumbnail",
    "users",
    "permissions",
    "rolepermissions",
    "userpermissions",
    "locks",
    "shares",
];

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &LITERALS);
    match (call.method(), path.as_slice()) {
        ("GET", []) => list::list(call),
        ("POST", []) => create::create(call),
        (_, ["favorites", rest @ ..]) => marks::favorites(call, rest),
        (_, ["recents", rest @ ..]) => marks::recents(call, rest),
        ("GET", [id]) => one::get(call, id),
        ("PATCH", [id]) => one::update(call, id),
        ("DELETE", [id]) => one::delete(call, id),
        ("POST", [id, "clone"]) => copy::clone(call, id),
        ("POST", [id, "fork"]) => copy::fork(call, id),
        ("GET", [id, "operations", "create"]) => one::operation(call, id),
        (_, [id, "baselinefile"]) => baseline::answer(call, id),
        (_, [id, "briefcases", rest @ ..]) => briefcases::answer(call, id, rest),
        (_, [id, "changesets", rest @ ..]) => changesets::answer(call, id, rest),
        (_, [id, "changesetgroups", rest @ ..]) => groups::answer(call, id, rest),
        (_, [id, "namedversions", rest @ ..]) => named_versions::answer(call, id, rest),
        (_, [id, "thumbnail"]) => thumbnail::answer(call, id),
        (_, [id, "users", rest @ ..]) => users::answer(call, id, rest),
        ("GET", [id, "permissions"]) => permissions::own(call, id),
        (_, [id, "rolepermissions"]) => permissions::of_roles(call, id),
        (_, [id, "userpermissions"]) => permissions::of_users(call, id),
        (_, [id, "locks", rest @ ..]) => locks::answer(call, id, rest),
        (_, [id, "shares", rest @ ..]) => shares::answer(call, id, rest),
        _ => Err(ApiError::no_route()),
    }
}

/// 422 with one detail.
pub(super) fn invalid(detail: Detail) -> ApiError {
    ApiError::invalid(INVALID, vec![detail])
}

/// 422 with the detail `InvalidChange`.
fn unready(target: &str, message: &str) -> ApiError {
    invalid(Detail::new("InvalidChange", message).at(target))
}

impl Platform {
    /// How the making of iModels that is asked for from now on ends. Only what takes
    /// its time can fail: all but empty ones.
    pub fn set_imodel_outcome(&self, outcome: Outcome) {
        *self.write().imodels.outcome = outcome;
    }
}
