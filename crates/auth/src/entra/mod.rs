//! Microsoft Entra ID: where its authorities are, what its codes mean, and one
//! file per way in.
//!
//! `builder` and `app` hold what all ways share, `files` and `id_token` what
//! some do. It must not know any API that tokens are for, nor how forms and
//! answers are read (`oauth/`).

mod app;
mod authority;
mod authorization_code;
mod authorization_request;
mod azure_pipelines;
mod builder;
#[cfg(feature = "certificates")]
mod certificate;
#[cfg(feature = "certificates")]
mod client_certificate;
mod client_credentials;
mod client_secret;
mod device_code;
mod env;
pub(crate) mod expiry;
mod federated;
mod files;
mod github_actions;
mod hints;
mod id_token;
#[cfg(feature = "interactive")]
mod interactive;
mod managed;
mod on_behalf_of;
mod refresh_token;
mod resource;
#[cfg(feature = "developer-tools")]
mod tools;
mod user;
mod workload_identity;

pub use authority::AuthorityHost;
pub use authorization_code::{AuthorizationCode, AuthorizationCodeBuilder};
pub use authorization_request::{
    AuthorizationPage, AuthorizationRequest, AuthorizationRequestBuilder,
};
pub use azure_pipelines::{AzurePipelines, AzurePipelinesBuilder};
pub use builder::EntraBuilder;
#[cfg(feature = "certificates")]
pub use certificate::ClientCertificate;
#[cfg(feature = "certificates")]
pub use client_certificate::ClientCertificateBuilder;
pub(crate) use client_secret::check_secret;
pub use client_secret::{ClientSecret, ClientSecretBuilder};
pub use device_code::{DeviceCodeBuilder, DeviceCodeFlow};
pub use env::{Environment, EnvironmentBuilder};
pub use federated::{ClientAssertion, ClientAssertionBuilder};
pub use github_actions::{GitHubActions, GitHubActionsBuilder};
#[cfg(feature = "interactive")]
pub use interactive::{Interactive, InteractiveBuilder};
pub use managed::ManagedIdentityBuilder;
#[cfg(feature = "_fuzzing")]
pub(crate) use managed::challenged_key;
pub use on_behalf_of::{OnBehalfOf, OnBehalfOfBuilder};
pub use refresh_token::{RefreshToken, RefreshTokenBuilder};
#[cfg(feature = "developer-tools")]
pub use tools::{
    AzureCli, AzureCliBuilder, AzureDeveloperCli, AzureDeveloperCliBuilder, AzurePowerShell,
    AzurePowerShellBuilder, ToolBuilder,
};
pub use user::UserWay;
pub use workload_identity::{WorkloadIdentity, WorkloadIdentityBuilder};
