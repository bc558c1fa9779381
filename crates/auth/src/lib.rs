//! Who is calling: credentials, the token cache and authorizers.
//!
//! A [`Credential`] gives tokens and caches them; a [`BearerAuthorizer`] puts
//! them on requests, only to the origins it is bound to. Client crates take a
//! credential and do the rest.
//!
//! ```no_run
//! # async fn example() -> Result<(), twinkit_auth::AuthError> {
//! use twinkit_auth::{Credential, TokenRequest};
//!
//! let credential =
//!     Credential::client_secret("contoso.onmicrosoft.com", "client-id", "client-secret").build()?;
//! let request = TokenRequest::new(["https://digitaltwins.azure.net/.default"])?;
//! let token = credential.token(&request).await?;
//! assert!(token.expires_at() > std::time::SystemTime::now());
//! # Ok(())
//! # }
//! ```
//!
//! The rooms:
//! - `authorizer/`: the header on a request, origin binding, what a 401 means;
//! - `credential`, `request`, `token`, `source`: the nouns;
//! - `cache/`: one flight per token, refresh ahead of expiry, remembered errors;
//! - `oauth/`: one form encoder, one exchange and one decoder for every grant
//!   (RFC 6749), of whatever identity service;
//! - `entra/`: what only Microsoft Entra ID has: authorities, tenants, AADSTS
//!   hints, and one file per way in. Certificates, federated tokens,
//!   on-behalf-of, sign-in by a person, managed identity and developer tools
//!   get their files there; Bentley IMS gets a folder of its own beside it.
//!
//! This crate must not know any platform's operations, paths or error bodies.

mod authorizer;
mod cache;
mod credential;
mod entra;
mod error;
mod oauth;
mod request;
mod source;
mod token;

pub use authorizer::{Authorized, Authorizer, BearerAuthorizer, Decision, StaticAuthorizer};
pub use credential::Credential;
pub use entra::{
    AuthorityHost, ClientSecret, ClientSecretBuilder, EntraBuilder, ManagedIdentityBuilder,
};
#[cfg(feature = "developer-tools")]
pub use entra::{
    AzureCli, AzureCliBuilder, AzureDeveloperCli, AzureDeveloperCliBuilder, AzurePowerShell,
    AzurePowerShellBuilder, ToolBuilder,
};
pub use error::{AuthError, AuthErrorKind};
pub use oauth::{AssertionRequest, AssertionSource};
pub use request::TokenRequest;
pub use secrecy::{ExposeSecret, SecretString};
pub use source::{BoxFuture, FetchContext, TokenSource};
pub use token::AccessToken;
pub use twinkit_http::{Clock, HttpClientConfig, Origin, OriginSet, SystemClock};
