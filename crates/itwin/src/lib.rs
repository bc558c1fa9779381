//! Typed client for the Bentley iTwin Platform, one module and one feature per API.
//!
//! ```no_run
//! use twinkit_auth::Credential;
//! use twinkit_itwin::ITwin;
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let credential = Credential::ims_service("client-id", "client-secret").build()?;
//! let platform = ITwin::builder(credential).build()?;
//! let me = platform.users().get_me().send().await?;
//! println!("add {} as a member of an iTwin", me.user.email);
//! # Ok(())
//! # }
//! ```
//!
//! [`ITwin`] owns what all APIs share: the connections, the credential, the retry
//! budget. Each API is a [`Client`](users::Client) of its own with one method per
//! operation, whose docs name the platform's own operation, the permission it
//! needs, its errors and what trips people.
//!
//! Beside them, by hand, where people trip: who calls and why a list is empty
//! (`ITwin::whoami`), letting applications and people in
//! (`ITwin::onboard_credential`), contents of any size by signed addresses
//! (`Upload`, `Download`), questions to errors ([`ITwinErrorExt`]), waits, and in
//! the modules of the APIs what belongs to one of them.
//!
//! This crate must not know other platforms, how tokens are made, or how a
//! request travels: that is `twinkit-auth`'s and `twinkit-runtime`'s business.

// On docs.rs, each item tells the feature that it is behind.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "access-control")]
pub mod access_control;
#[cfg(any(
    feature = "access-control",
    feature = "imodels",
    feature = "itwins",
    feature = "reality-management",
    feature = "storage"
))]
mod again;
mod client;
mod error_ext;
#[cfg(any(feature = "access-control", feature = "imodels", feature = "itwins"))]
mod following;
mod hints;
mod ids;
#[cfg(feature = "imodels")]
pub mod imodels;
#[cfg(feature = "itwins")]
pub mod itwins;
#[cfg(all(feature = "access-control", feature = "users"))]
mod onboarding;
#[cfg(feature = "reality-management")]
pub mod reality_management;
#[cfg(feature = "storage")]
pub mod storage;
#[cfg(any(feature = "imodels", feature = "reality-management", feature = "storage"))]
mod transfer;
#[cfg(feature = "users")]
pub mod users;
#[cfg(feature = "webhooks")]
pub mod webhooks;
#[cfg(all(feature = "itwins", feature = "users"))]
mod whoami;

pub use client::{ENDPOINT, ITwin, ITwinBuilder, TOKEN_SCOPE};
pub use error_ext::ITwinErrorExt;
#[cfg(any(feature = "access-control", feature = "imodels", feature = "itwins"))]
pub use following::Wait;
pub use ids::{
    BriefcaseId, ChangesetGroupId, ChangesetKey, ExportId, FileId, FolderId, GroupId, IModelId,
    ITwinId, InvitationId, JobId, MemberId, NamedVersionId, RealityDataId, RepositoryId,
    ResourceId, RoleId, ShareId, UserId, WebhookId,
};
#[cfg(all(feature = "access-control", feature = "users"))]
pub use onboarding::{
    AccessProof, GroupInvitation, Offboarding, OffboardingPlan, OffboardingReport, Onboarding,
    OnboardingChange, OnboardingPlan, OnboardingReport, PlannedChange, PlannedRole, ProvenAccess,
    RoleChange, RoleGrant, Standing, Unseen,
};
pub use progenitor_client::{
    ByteStream, Bytes, CallOptions, Change, Clock, Error, ErrorDetail, ErrorKind, HeaderMap,
    HeaderName, HeaderValue, HttpClientConfig, IdError, Image, ImageError, Items, Json, ListEnd,
    Method, Operation, Pacing, Paged, Pages, RawRequest, ResponseValue as Response, RetryPolicy,
    Secret, StatusCode, Timestamp, UnknownKind,
};
#[cfg(any(feature = "imodels", feature = "reality-management", feature = "storage"))]
pub use transfer::{
    Contents, Download, DownloadPoint, Downloading, StorageService, TransferError,
    TransferProgress, Transfers, Upload, UploadPoint,
};
#[cfg(all(feature = "itwins", feature = "users"))]
pub use whoami::WhoAmI;
