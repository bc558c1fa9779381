//! The bodies that the control endpoint takes.

use secrecy::SecretString;
use serde::Deserialize;

use crate::identity::Role;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MoveClock {
    pub(super) advance_seconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) revoke: bool,
    pub(super) next: Option<u32>,
    pub(super) lifetime_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPrincipal {
    pub(super) secret: Option<SecretString>,
    pub(super) client_id: Option<String>,
    pub(super) object_id: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) instance: Option<String>,
    pub(super) token_lifetime_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSignedUrl {
    pub(super) container: String,
    pub(super) blob: Option<String>,
    pub(super) permissions: String,
    pub(super) lifetime_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewEndpoint {
    pub(super) name: String,
    pub(super) instance: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IndexLag {
    pub(super) milliseconds: u64,
    pub(super) instance: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WhichInstance {
    pub(super) instance: Option<String>,
}
