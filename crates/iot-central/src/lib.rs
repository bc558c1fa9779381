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
//! This crate must not know other platforms, how tokens are made, or how a
//! request travels: that is `twinkit-auth`'s and `twinkit-runtime`'s business.

mod api_tokens;
#[cfg(feature = "archive")]
pub mod archive;
mod client;
mod documents;
#[rustfmt::skip]
mod generated;
mod guid;
mod hints;
mod ids;
mod onboarding;
#[cfg(feature = "preview")]
pub mod preview;
mod roles;

pub use api_tokens::{IssuedApiToken, NewApiToken, RotatedApiToken, Rotation};
pub use client::{API_VERSION, ClientBuilder, TOKEN_SCOPE};
pub use documents::DeviceTemplate;
pub use generated::{Client, OPERATIONS, builder, enums, kinds, patches, types};
pub use ids::{
    ApiTokenId, CommandName, ComponentName, DeviceGroupId, DeviceId, DeviceTemplateId,
    EnrollmentGroupId, JobId, ModuleName, OrganizationId, RelationshipId, RoleId, ScheduledJobId,
    TelemetryName, UserId,
};
#[cfg(feature = "preview")]
pub use ids::{DashboardId, DeploymentManifestId, DestinationId, ExportId};
pub use onboarding::{
    AccessProof, Offboarding, OffboardingPlan, OffboardingReport, Onboarding, OnboardingChange,
    OnboardingPlan, OnboardingReport, PlannedChange, Principal, ProvenAccess,
};
pub use progenitor_client::{
    CallOptions, Change, Clock, ETag, Error, ErrorDetail, ErrorKind, HeaderMap, HeaderName,
    HeaderValue, HttpClientConfig, IdError, IfMatch, Items, Json, Method, Operation, Pacing, Paged,
    Pages, RawRequest, ResponseValue as Response, RetryPolicy, Secret, StatusCode, Timestamp,
    TimestampError, UnknownKind,
};
pub use roles::{BuiltInRole, RoleGrant, RoleScope};
pub use twinkit_auth::ApiToken;
