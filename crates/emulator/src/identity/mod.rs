//! The Entra-shaped identity service: who exists, who gets a token, and how a
//! data plane checks one.
//!
//! What follows the vendor: the paths of the token endpoint, of discovery and
//! of the key set; the members of success and error answers with their types;
//! the `AADSTS` codes and their statuses; `aud` being the scope's text before
//! `/.default`, trailing slash kept; unknown form fields being let through.
//!
//! What is our choice: the words of the error descriptions; the issuer, which
//! is the emulator's own address; tokens that carry the claims of both token
//! versions (`appid` and `azp`, `ver` `2.0`); one signing key for all tenants.
//!
//! This module must not know what a token is used for: a data plane hands in
//! the audiences it takes and the rights a request needs.

pub(crate) mod directory;
mod error;
mod grant;
pub(crate) mod guard;
mod keys;
pub(crate) mod managed;
pub(crate) mod routes;
mod token;

pub use directory::{
    Application, CLIENT_ID, CLIENT_SECRET, Directory, DirectoryError, OBJECT_ID, Role,
    TENANT_DOMAIN, TENANT_ID, TOKEN_LIFETIME,
};
pub(crate) use keys::SigningKey;
pub use managed::{
    SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_OBJECT_ID, USER_IDENTITY_CLIENT_ID,
    USER_IDENTITY_OBJECT_ID, USER_IDENTITY_RESOURCE_ID,
};
pub use token::Caller;
pub(crate) use token::{Authority, Refusal, Verifier};
