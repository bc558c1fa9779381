//! The Azure IoT Central data plane: version 2022-07-31, the newest preview, and
//! the older versions that the vendor's command line still sends.
//!
//! | folder | duty |
//! |---|---|
//! | `routes` | HTTP: which application, which version, which operation; pages |
//! | `access` | who is calling, and what roles let them do |
//! | `resources` | the operations, one file per kind of resource |
//! | `rules` | checks of ids and bodies, merge patches |
//! | `model` | what a device template says its devices can do |
//! | `twin` | what there is of a device beside its document |
//! | `jobs` | what jobs do to devices, and when |
//! | `filters`, `query` | the languages of filters and of queries |
//! | `syntax` | what those languages have in common |
//! | `state` | what an application holds |
//!
//! What devices do is said by the methods of [`Application`], or over the
//! [control endpoint](crate::control).
//!
//! Any number of [`Application`]s share one listener; see [`Applications`] for
//! how a request finds its own.
//!
//! # Our choices, where the platform's behaviour is not known
//!
//! - Code words: 400 `BadRequest`, 403 `Forbidden`, 409 `Conflict`, 412
//!   `PreconditionFailed`, 415 `UnsupportedMediaType`, 429 `TooManyRequests`. The
//!   platform's own are known for 401, 404, 408 and 422 only.
//! - A missing or unknown `api-version` is 400. Versions before 2022-07-31 are
//!   answered like it; the operations of previews need a preview version.
//! - `PUT` of an API token that is there already is 409.
//! - `DELETE` of what is not there is 404.
//! - `PUT` replaces the whole resource: what is left out is gone.
//! - Members that no document knows are kept and given back; members that are
//!   read-only are passed over when they are sent.
//! - An `etag` in the body of a `PUT` or `PATCH`, and `If-Match` of a `PATCH`, must
//!   be the current one where the resource has etags; `*` fits any.
//! - A role that does not go with the organization beside it, or with none, is
//!   422; so is the removal of the last administrator.
//! - What a caller may not see for want of an organization is 404, what the role
//!   does not permit 403.
//! - Lists are in the order of ids unless `orderby` says otherwise.
//! - More of a thing than there may be is 409.
//!
//! Further ones stand with the resource that they concern.

pub(crate) mod access;
mod application;
mod applications;
mod config;
mod errors;
mod file_upload;
mod filters;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod jobs;
mod members;
mod model;
mod query;
mod resources;
pub mod routes;
mod rules;
mod seed;
mod simulation;
mod state;
mod syntax;
mod target;
mod twin;

pub use application::Application;
pub use applications::Applications;
pub use config::{Config, Limits, Rates};
pub use errors::ApiError;
pub use seed::{
    ADA_USER_ID, DEFAULT_ENROLLMENT_GROUP, MAIN_APPLICATION, MAIN_APPLICATION_ID, OWNER_USER_ID,
};
pub use twin::{Acknowledgement, CommandAnswer, Place};

pub(crate) use access::AUDIENCES;
pub(crate) use seed::{seeded, seeded_main};
