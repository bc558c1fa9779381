//! The Entra-shaped identity service: who exists, who gets a token, and how a
//! data plane checks one.
//!
//! What follows the vendor: the paths of the token, device code and authorize
//! endpoints, of discovery and of the key set; the grants and their fields; the
//! members of success and error answers with their types; the `AADSTS` codes
//! and their statuses; `aud` being the scope's text before `/.default`, trailing
//! slash kept; unknown form fields being let through; long-lived tokens with
//! `refresh_in` for clients that handle claims challenges.
//!
//! What is our choice: the words of the error descriptions; the issuer, which
//! is the emulator's own address; tokens that carry the claims of both token
//! versions (`appid` and `azp`, `ver` `2.0`); one signing key for all tenants;
//! that a user has one object id everywhere and no password; that the v1.0
//! endpoints and the implicit flow are refused with a word on what to use
//! instead. The modules below say the rest.
//!
//! This module must not know what a token is used for: a data plane hands in
//! the audiences it takes and the rights a request needs.

mod assertion;
mod certificate;
mod challenge;
mod client;
pub(crate) mod directory;
mod discovery;
mod error;
mod foreign;
pub(crate) mod form;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod grants;
pub(crate) mod guard;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod managed;
pub(crate) mod pages;
pub(crate) mod pkce;
pub(crate) mod routes;
mod scope;
pub(crate) mod shelf;
pub(crate) mod sign_ins;
mod tenant;
mod token;
mod verifier;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
pub(crate) use client::{Client, Proof};
pub use directory::{
    API_CLIENT_ID, API_CLIENT_SECRET, API_OBJECT_ID, API_SCOPE, Api, Application, CLIENT_ID,
    CLIENT_SECRET, Directory, DirectoryError, FEDERATION_AUDIENCE, FederatedCredential,
    GITHUB_SUBJECT, GUEST_NAME, GUEST_OBJECT_ID, KUBERNETES_SUBJECT, LONG_TOKEN_LIFETIME,
    NATIVE_CLIENT_ID, NATIVE_OBJECT_ID, NATIVE_REDIRECT_URIS, OBJECT_ID, PIPELINES_SUBJECT, Role,
    TENANT_DOMAIN, TENANT_ID, TOKEN_LIFETIME, USER_NAME, USER_OBJECT_ID, User,
};
pub(crate) use foreign::ForeignIssuer;
pub use foreign::{GITHUB_REQUEST_TOKEN, PIPELINES_ACCESS_TOKEN, PIPELINES_CONNECTION_ID};
pub(crate) use grants::device_code::settle as settle_device_code;
pub(crate) use keys::{KeyError, LazyKey, SigningKey};
pub use managed::{
    SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_OBJECT_ID, USER_IDENTITY_CLIENT_ID,
    USER_IDENTITY_OBJECT_ID, USER_IDENTITY_RESOURCE_ID,
};
use serde_json::json;
pub(crate) use sign_ins::SignIns;
pub(crate) use token::{Authority, Order};
pub use verifier::Caller;
pub(crate) use verifier::{Refusal, Verifier};

/// Who somebody is, as Microsoft's libraries keep accounts apart.
fn client_info(object_id: &str, tenant_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(json!({"uid": object_id, "utid": tenant_id}).to_string())
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
