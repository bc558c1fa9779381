//! The service that stands for Bentley's identity management (IMS): an OpenID
//! provider for the iTwin platform.
//!
//! The vendor's: `/connect/token` and `/connect/authorize`, the scope
//! `itwin-platform`, secrets in the form or in `Authorization: Basic` with both
//! halves form-encoded, PKCE with S256, redirect addresses matched with their
//! port, refresh tokens good for one use whose second use ends the grant,
//! answers with `expires_in` 3600 and the claims of tokens (`scope` as a list,
//! `client_id`, `org`, `org_name`, `ultimate_site`). Errors are bare OAuth
//! (RFC 6749), without Entra's members.
//!
//! Ours: the paths of the key set, of introspection and revocation, which the
//! vendor leaves to discovery; the seeded clients, user and organization; that
//! PKCE is a must; the sentences; the page, which is that of
//! [`identity`](crate::identity) with the same `auto=1` beside `login_hint`;
//! that a refresh token lives thirty days.
//!
//! This module must not know what the iTwin platform does with a token.

mod authorize;
mod client;
mod directory;
mod error;
mod grants;
mod management;
mod provider;
mod routes;
mod token;

pub use directory::{
    Ims, ImsClient, ImsError, ImsUser, NATIVE_CLI_REDIRECT_URI, NATIVE_CLIENT_ID,
    NATIVE_REDIRECT_URI, ORGANIZATION_ID, ORGANIZATION_NAME, SCOPE, SERVICE_CLIENT_ID,
    SERVICE_CLIENT_SECRET, USER_EMAIL, USER_ID,
};
pub(crate) use provider::Provider;
pub(crate) use routes::router;
pub use token::ImsCaller;
pub(crate) use token::Verifier;
