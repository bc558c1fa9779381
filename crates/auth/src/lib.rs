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
//! - `credential`, `request`, `token`, `source`: the nouns; `chain`: the first of
//!   several credentials; `claims`: what a token says of itself, unchecked;
//!   `device_key`: keys of devices that come from a group's key;
//! - `cache/`: one flight per token, refresh ahead of expiry, remembered errors;
//! - `oauth/`: one form encoder, one exchange and one decoder for every grant
//!   (RFC 6749), of whatever identity service;
//! - `entra/`: what only Microsoft Entra ID has: authorities, tenants, AADSTS
//!   hints, and one file per way in; managed identity (`managed/`) has one per
//!   host, developer tools (`tools/`) one per tool;
//! - `ims/`: the same for Bentley IMS;
//! - `session`, `store/`: a person's sign-in, and where it is kept between
//!   processes;
//! - `error`: why a token could not be had; `variables`: how the environment is
//!   read; `runtime`: the caller's; `azure_core`: credentials across the border to
//!   that crate.
//!
//! This crate must not know any platform's operations, paths or error bodies.
//! `README.md` beside it lists every way in, its feature, and what each dependency
//! is for.
//!
//! # One runtime
//!
//! A credential, and a client with it, belongs to one tokio runtime that is driven for as
//! long as they are used. Whoever first needs a token has their runtime fetch it, and the
//! connection is kept there for later; all other callers wait for that fetch. If its runtime
//! ends, those on other runtimes start anew. But one that only rests, such as a
//! `current_thread` runtime between two calls of `block_on`, keeps them waiting until their
//! own time limit. So a program of several runtimes, or one that calls from threads without
//! any, gives its credentials and clients a runtime with a thread of its own:
//!
//! ```no_run
//! # use twinkit_auth::{Credential, TokenRequest};
//! # async fn example(
//! #     credential: Credential,
//! #     request: TokenRequest,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! // Made once, and kept as long as the program runs.
//! let runtime =
//!     tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
//!
//! // From a task of another runtime, in a task of this one:
//! let (of_task, wanted) = (credential.clone(), request.clone());
//! let token = runtime.spawn(async move { of_task.token(&wanted).await }).await??;
//!
//! // From a thread that is on no runtime:
//! let handle = runtime.handle().clone();
//! let caller = std::thread::spawn(move || handle.block_on(credential.token(&request)));
//! # Ok(())
//! # }
//! ```

// On docs.rs, each item tells the feature that it is behind.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod authorizer;
#[cfg(feature = "azure-core")]
mod azure_core;
mod cache;
mod chain;
mod claims;
mod credential;
mod device_key;
mod entra;
mod error;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod ims;
mod oauth;
mod request;
mod runtime;
mod session;
mod source;
mod store;
mod token;
mod variables;

pub use authorizer::{
    ApiToken, ApiTokenAuthorizer, Authorized, Authorizer, BearerAuthorizer, Decision,
    StaticAuthorizer, claims_challenge,
};
pub use chain::{ChainBuilder, ChainLink};
pub use claims::TokenClaims;
pub use credential::Credential;
pub use device_key::derive_device_key;
pub use entra::{
    AuthorityHost, AuthorizationCode, AuthorizationCodeBuilder, AuthorizationPage,
    AuthorizationRequest, AuthorizationRequestBuilder, AzurePipelines, AzurePipelinesBuilder,
    ClientAssertion, ClientAssertionBuilder, ClientSecret, ClientSecretBuilder, DeviceCodeBuilder,
    DeviceCodeFlow, EntraBuilder, Environment, EnvironmentBuilder, GitHubActions,
    GitHubActionsBuilder, ManagedIdentityBuilder, OnBehalfOf, OnBehalfOfBuilder, RefreshToken,
    RefreshTokenBuilder, UserWay, WorkloadIdentity, WorkloadIdentityBuilder,
};
#[cfg(feature = "developer-tools")]
pub use entra::{
    AzureCli, AzureCliBuilder, AzureDeveloperCli, AzureDeveloperCliBuilder, AzurePowerShell,
    AzurePowerShellBuilder, ToolBuilder,
};
#[cfg(feature = "certificates")]
pub use entra::{ClientCertificate, ClientCertificateBuilder};
#[cfg(feature = "interactive")]
pub use entra::{Interactive, InteractiveBuilder};
pub use error::{AuthError, AuthErrorKind};
pub use ims::{ImsBuilder, ImsHost, ImsService, ImsServiceBuilder, ims_service_email};
#[cfg(feature = "interactive")]
pub use ims::{ImsNative, ImsNativeBuilder};
pub use oauth::{Account, AssertionRequest, AssertionSource, DeviceCode, Prompt, ResponseMode};
pub use request::TokenRequest;
pub use secrecy::{ExposeSecret, SecretString};
pub use session::UserSession;
pub use source::{BoxFuture, FetchContext, TokenSource};
#[cfg(feature = "file-store")]
pub use store::FileStore;
#[cfg(feature = "keyring")]
pub use store::KeyringStore;
pub use store::{MemoryStore, StoreKey, StoreLock, TokenStore};
pub use token::AccessToken;
pub use twinkit_http::{Clock, HttpClientConfig, Origin, OriginSet, SystemClock, redact};
