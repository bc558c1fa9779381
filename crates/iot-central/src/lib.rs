//! Typed client for the Azure IoT Central data plane, version 2022-07-31.
//!
//! ```no_run
//! use twinkit_auth::Credential;
//! use twinkit_iot_central::{Client, types};
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = "https://myapp.azureiotcentral.com";
//! let client = Client::builder(endpoint, Credential::from_env()?).build()?;
//! let device = types::Device::builder()
//!     .display_name("Pump 1".to_owned())
//!     .template("dtmi:example:pump;1".to_owned());
//! let device = client.create_device().device_id("pump-1").body(device).send().await?;
//! println!("provisioned: {:?}", device.provisioned);
//! # Ok(())
//! # }
//! ```
//!
//! Every operation of the platform is a method of [`Client`] that gives a
//! builder; its docs name the platform's own operation, its errors and what
//! trips people. What comes in kinds (users, attestations, steps of jobs, ends
//! of schedules) is an enum in [`kinds`] that keeps kinds it does not know.
//! Changes are merge patches in [`patches`], whose members are left alone, taken
//! away or set. The feature `archive` adds export and restore of whole
//! applications.
//!
//! Beside them, by hand, where people trip:
//! - [letting principals in](Client::onboard_service_principal), from a plan to a
//!   [proof](Client::prove_access), and [taking access back](Client::offboard_user);
//! - [API tokens](Client::make_api_token) made once and
//!   [replaced](Client::rotate_api_token) without a gap;
//! - [roles](BuiltInRole) by name, checked against the rule of organizations;
//! - [devices](Client::register_device) with a template that fits,
//!   [commands](Client::command) with one type for what comes of them,
//!   [properties](Client::properties) asked for and reported;
//! - [jobs](Client::wait_for_job), [provisioning](Client::wait_until_provisioned)
//!   and [file upload](Client::wait_for_file_upload) that can be waited for;
//! - a [pace](documented_pace) that keeps to the platform's limits.
//!
//! This crate must not know other platforms, how tokens are made, or how a
//! request travels: that is `twinkit-auth`'s and `twinkit-runtime`'s business.

// On docs.rs, each item tells the feature that it is behind.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_tokens;
#[cfg(feature = "archive")]
pub mod archive;
mod caller;
mod client;
mod devices;
mod documents;
mod following;
#[rustfmt::skip]
mod generated;
mod guid;
mod hints;
mod ids;
mod jobs;
mod limits;
mod onboarding;
#[cfg(feature = "preview")]
pub mod preview;
mod roles;
mod shapes;

pub use api_tokens::{IssuedApiToken, NewApiToken, RotatedApiToken, Rotation};
pub use client::{API_VERSION, ClientBuilder, TOKEN_SCOPE};
pub use devices::{
    CommandCall, CommandOutcome, DeviceProperties, DeviceState, PropertiesOf, Property,
    PropertyMetadata, Registration,
};
pub use documents::DeviceTemplate;
pub use generated::{Client, OPERATIONS, builder, enums, kinds, patches, types};
pub use ids::{
    ApiTokenId, CommandName, ComponentName, DeviceGroupId, DeviceId, DeviceTemplateId,
    EnrollmentGroupId, JobId, ModuleName, OrganizationId, RelationshipId, RoleId, ScheduledJobId,
    TelemetryName, UserId,
};
#[cfg(feature = "preview")]
pub use ids::{DashboardId, DeploymentManifestId, DestinationId, ExportId};
pub use jobs::{JobReport, ScheduledRuns};
pub use limits::documented_pace;
pub use onboarding::{
    AccessProof, Offboarding, OffboardingPlan, OffboardingReport, Onboarding, OnboardingChange,
    OnboardingPlan, OnboardingReport, PlannedChange, Principal, ProvenAccess,
};
pub use progenitor_client::following::Wait;
pub use progenitor_client::{
    CallOptions, Change, Clock, ETag, Error, ErrorDetail, ErrorKind, HeaderMap, HeaderName,
    HeaderValue, HttpClientConfig, IdError, IfMatch, Items, Json, Method, Operation, Pacing, Paged,
    Pages, Progress, RawRequest, ResponseValue as Response, RetryPolicy, Secret, StatusCode,
    Timestamp, TimestampError, UnknownKind,
};
pub use roles::{BuiltInRole, RoleGrant, RoleScope};
pub use twinkit_auth::{ApiToken, derive_device_key};
