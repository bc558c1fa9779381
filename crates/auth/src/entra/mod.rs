//! Microsoft Entra ID: where its authorities are, what its codes mean, and one
//! file per way in.
//!
//! `builder` and `app` hold what all ways share. It must not know any API that
//! tokens are for, nor how forms and answers are read (`oauth/`).

mod app;
mod authority;
mod builder;
mod client_credentials;
mod client_secret;
pub(crate) mod env;
mod expiry;
mod hints;
mod managed;
mod resource;
#[cfg(feature = "developer-tools")]
mod tools;

pub use authority::AuthorityHost;
pub use builder::EntraBuilder;
pub use client_secret::{ClientSecret, ClientSecretBuilder};
pub use managed::ManagedIdentityBuilder;
#[cfg(feature = "developer-tools")]
pub use tools::{
    AzureCli, AzureCliBuilder, AzureDeveloperCli, AzureDeveloperCliBuilder, AzurePowerShell,
    AzurePowerShellBuilder, ToolBuilder,
};
