//! The Azure Digital Twins data plane, API version 2023-10-31 and older.
//!
//! | folder | duty |
//! |---|---|
//! | `dtdl` | model documents: reading, checking, inheritance |
//! | `rules` | ids, conditions, values, twin and relationship documents, patches |
//! | `store` | the state and its indexes |
//! | `operations` | the 32 operations on an [`Instance`], without HTTP |
//! | `jobs` | import and delete jobs |
//! | `events` | CloudEvents and what event routes let through |
//! | `query`, `filters` | the query language and that of event routes |
//! | `routes` | the operations over HTTP |
//!
//! Who is calling is checked in front of it; here every caller is trusted.
//!
//! # Our choices, where the platform's behaviour is not known
//!
//! - A write that changes nothing makes a new etag; writing a relationship
//!   leaves the etags of its twins as they are.
//! - `If-Match` takes one etag or `*`, not a list.
//! - A twin of a decommissioned model may be replaced, but no twin may be moved
//!   to such a model.
//! - A PUT over an existing twin or relationship is told as an update, with the
//!   difference as its patch.
//! - Elements of arrays have no path in a patch: an array is one value.
//! - `409 RelationshipAlreadyExists` is never answered: what would cause it is
//!   not known.
//! - Ids may have any characters but control characters.
//! - At most 100 faults of one request are told.
//!
//! Further ones stand with what they concern: `routes` (HTTP), `jobs`, `query`,
//! `filters`, [`Config`] (numbers and spellings).

mod config;
mod dtdl;
mod errors;
mod events;
pub mod filters;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod instance;
mod jobs;
mod operations;
pub mod query;
pub mod routes;
mod rules;
mod store;
mod time;

pub use config::{Config, JobPace, Limits, Pages, Rates, Spelling};
pub use dtdl::{Language, Model};
pub use errors::ApiError;
pub use events::{CloudEvent, DeliveredEvent};
pub use instance::Instance;
pub use jobs::{BlobFault, Blobs, NoBlobs};
pub use operations::{ModelListing, Page, QueryPage};
pub use rules::conditions::{IfMatch, IfNoneMatch};
pub use store::{
    Change, EventRouteRecord, JobError, JobProgress, JobRecord, JobStatus, MemoryStore,
    ModelRecord, RelationshipRecord, Store, Tables, TwinRecord,
};
