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
pub(super) struct KeepRequests {
    pub(super) keep: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) revoke: bool,
    pub(super) next: Option<u32>,
    pub(super) lifetime_seconds: Option<u64>,
    /// A user whose refresh tokens end.
    pub(super) revoke_sign_ins_of: Option<String>,
    /// Whose tokens are meant: `identity` or `ims`.
    pub(super) service: Option<String>,
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
    pub(super) display_name: Option<String>,
    #[serde(default)]
    pub(super) public: bool,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
    /// In PEM, or DER in base64.
    #[serde(default)]
    pub(super) certificates: Vec<String>,
    #[serde(default)]
    pub(super) federated_credentials: Vec<NewFederatedCredential>,
    pub(super) identifier_uri: Option<String>,
    #[serde(default)]
    pub(super) exposed_scopes: Vec<String>,
    #[serde(default)]
    pub(super) requires_consent: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewFederatedCredential {
    pub(super) issuer: Option<String>,
    pub(super) subject: String,
    pub(super) audience: Option<String>,
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
