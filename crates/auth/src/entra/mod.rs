//! Microsoft Entra ID: where its authorities are, what its codes mean, and one
//! file per way in.
//!
//! So far `client_secret`. It must not know any API that tokens are for, nor
//! how forms and answers are read (`oauth/`).

mod authority;
mod client_secret;
pub(crate) mod env;
mod hints;

pub use authority::AuthorityHost;
pub use client_secret::ClientSecretBuilder;
