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

mod config;
mod dtdl;
mod errors;
mod events;
pub mod filters;
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
    Change, EventRouteRecord, JobError, JobRecord, JobStatus, MemoryStore, ModelRecord,
    RelationshipRecord, Store, Tables, TwinRecord,
};
