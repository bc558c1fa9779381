//! Typed client for the Azure Digital Twins data plane, version 2023-10-31.
//!
//! ```no_run
//! use twinkit_auth::Credential;
//! use twinkit_digital_twins::{Client, Twin};
//!
//! #[derive(serde::Deserialize)]
//! struct Room { temperature: f64 }
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = std::env::var("AZURE_DIGITALTWINS_URL")?;
//! let client = Client::builder(endpoint, Credential::from_env()?).build()?;
//! let room = client.get_twin().id("room-1").send().await?.parse::<Twin<Room>>()?;
//! println!("{} °C", room.properties.temperature);
//! # Ok(())
//! # }
//! ```
//!
//! Every operation of the platform is a method of [`Client`] that gives a
//! builder; its docs name the platform's own operation, its errors and what
//! trips people. Beside them, by hand, what would otherwise be written again
//! by everybody: [queries](Client::query) with bound values, [upload of whole
//! model sets](Client::upload_models), [jobs](Client::wait_for_import_job) that
//! can be waited for, [patches](TwinPatch) that follow the service's rules.
//!
//! This crate must not know other platforms, how tokens are made, or how a
//! request travels: that is `twinkit-auth`'s and `twinkit-runtime`'s business.

mod client;
mod documents;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[rustfmt::skip]
mod generated;
mod hints;
mod ids;
mod jobs;
mod patch;
mod query;
mod upload;

pub use client::{API_VERSION, ClientBuilder, TOKEN_SCOPE};
pub use documents::{
    Component, ComponentMetadata, MetadataEntry, PropertyMetadata, Relationship, Twin, TwinMetadata,
};
pub use generated::{Client, OPERATIONS, builder, enums, types};
pub use ids::{ComponentName, EventRouteId, JobId, ModelId, RelationshipId, TwinId};
pub use jobs::{DeleteJobWait, ImportJobWait, Job, JobWait};
pub use patch::{ModelPatch, PropertyPath, TwinPatch};
pub use progenitor_client::{
    CallOptions, Clock, ETag, Error, ErrorDetail, ErrorKind, HeaderMap, HeaderName, HeaderValue,
    HttpClientConfig, IdError, IfMatch, IfNoneMatch, Items, Json, JsonPatch, MessageId, Method,
    Operation, Pacing, Paged, Pages, Progress, RawRequest, ResponseValue as Response, RetryPolicy,
    StatusCode, Timestamp,
};
pub use query::{BindError, Query, QueryCharge, QueryPage, QueryValue, Rows};
pub use upload::{
    MAX_MODELS_PER_CALL, ModelSetError, ModelUpload, UploadError, UploadFailure, UploadProgress,
    UploadReport,
};
