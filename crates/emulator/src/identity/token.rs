//! Making the signed tokens, and reading those that were made here.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    client::{Client, Proof},
    directory::{Directory, User},
    foreign::ForeignIssuer,
    jwt::{self, Jwt},
    keys::{KeyError, SigningKey},
    sign_ins::SignIns,
};
use crate::clock::Clock;

/// Seconds that a token is accepted before `nbf`, for clients' clocks.
const LEEWAY_SECONDS: i64 = 5;
/// From this lifetime on an answer says when to refresh: after half of it.
const LONG_SECONDS: u64 = 2 * 3600;
/// Lifetime of an id token: Entra's hour.
const ID_TOKEN_SECONDS: i64 = 3600;

/// Who makes the tokens: address, key, directory and clock in one place.
pub(crate) struct Authority {
    /// `scheme://host:port` of the identity listener.
    pub(crate) base_url: String,
    pub(crate) key: SigningKey,
    pub(crate) directory: Directory,
    pub(crate) clock: Clock,
    pub(crate) sign_ins: SignIns,
    pub(crate) foreign: ForeignIssuer,
}

/// The claims of an access token, as far as the emulator writes them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    pub(crate) appid: String,
    azp: String,
    azpacr: String,
    /// `app` or `user`.
    pub(crate) idtyp: String,
    pub(crate) oid: String,
    sub: String,
    pub(crate) tid: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// The delegated scopes, apart by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preferred_username: Option<String>,
    /// The authentication contexts that the user satisfied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acrs: Vec<String>,
    /// `CP1` if the client handles claims challenges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) xms_cc: Vec<String>,
    /// The token's own id: Entra's is opaque, ours holds the serial number.
    uti: String,
    ver: String,
}

/// An access token to be made.
pub(crate) struct Order<'a> {
    pub(crate) client: &'a Client,
    pub(crate) issuer: String,
    pub(crate) audience: &'a str,
    /// The user it speaks for; `None` for the application itself.
    pub(crate) user: Option<ForUser<'a>>,
    pub(crate) handles_challenges: bool,
}

/// The user's part of an access token.
pub(crate) struct ForUser<'a> {
    pub(crate) user: &'a User,
    /// Names of the delegated scopes.
    pub(crate) scopes: &'a [String],
    pub(crate) contexts: &'a [String],
}

/// A signed token and its lifetime in seconds.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) lifetime_seconds: u64,
    /// Seconds after which to ask for the next, if it lives long.
    pub(crate) refresh_in: Option<u64>,
}

impl Authority {
    /// The issuer of a tenant's tokens.
    pub(crate) fn issuer(&self, tenant_id: &str) -> String {
        format!("{}/{tenant_id}/v2.0", self.base_url)
    }

    /// The issuer of tokens asked in the AD FS layout.
    pub(crate) fn adfs_issuer(&self) -> String {
        format!("{}/adfs", self.base_url)
    }

    /// Signs an access token.
    pub(crate) fn issue(&self, order: Order<'_>) -> Result<Issued, KeyError> {
        let application = &order.client.application;
        let (serial, lifetime) = self.directory.next_token(application, order.handles_challenges);
        let now = self.clock.unix_seconds();
        let lifetime_seconds = lifetime.as_secs();
        let user = order.user.as_ref();
        let object_id = user.map_or(&application.object_id, |part| &part.user.object_id);
        let user_name = user.map(|part| part.user.user_name.clone());
        let claims = Claims {
            aud: order.audience.to_owned(),
            iss: order.issuer,
            iat: now,
            nbf: now,
            exp: now.saturating_add_unsigned(lifetime_seconds),
            appid: application.client_id.clone(),
            azp: application.client_id.clone(),
            azpacr: match order.client.proof {
                Proof::None => "0",
                Proof::Secret => "1",
                Proof::Assertion => "2",
            }
            .to_owned(),
            idtyp: if user.is_some() { "user" } else { "app" }.to_owned(),
            oid: object_id.clone(),
            sub: object_id.clone(),
            tid: user.map_or(&application.tenant_id, |part| &part.user.tenant_id).clone(),
            roles: if user.is_some() { Vec::new() } else { application.app_roles.clone() },
            scp: user.map(|part| part.scopes.join(" ")),
            name: user.map(|part| part.user.display_name.clone()),
            upn: user_name.clone(),
            preferred_username: user_name,
            acrs: user.map(|part| part.contexts.to_vec()).unwrap_or_default(),
            xms_cc: if order.handles_challenges { vec!["CP1".to_owned()] } else { Vec::new() },
            uti: URL_SAFE_NO_PAD.encode(serial.to_be_bytes()),
            ver: "2.0".to_owned(),
        };
        let token = jwt::sign(&self.key, "JWT", &claims)?;
        let refresh_in = (lifetime_seconds >= LONG_SECONDS).then_some(lifetime_seconds / 2);
        Ok(Issued { token, lifetime_seconds, refresh_in })
    }

    /// Signs an id token: who signed in, for the application itself.
    pub(crate) fn issue_id_token(
        &self,
        client_id: &str,
        issuer: &str,
        user: &User,
        nonce: Option<&str>,
    ) -> Result<String, KeyError> {
        let now = self.clock.unix_seconds();
        let mut claims = json!({
            "aud": client_id,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add(ID_TOKEN_SECONDS),
            "name": user.display_name,
            "preferred_username": user.user_name,
            "oid": user.object_id,
            "sub": user.object_id,
            "tid": user.tenant_id,
            "ver": "2.0",
        });
        if let (Some(nonce), Some(members)) = (nonce, claims.as_object_mut()) {
            members.insert("nonce".to_owned(), nonce.into());
        }
        jwt::sign(&self.key, "JWT", &claims)
    }

    /// The claims of an access token of ours, whether current or not.
    pub(crate) fn claims(&self, token: &str) -> Option<Claims> {
        let jwt = Jwt::split(token)?;
        if !jwt.is_signed_by(&self.key) {
            return None;
        }
        let claims: Claims = jwt.claims_as()?;
        let issuers = [self.issuer(&claims.tid), self.adfs_issuer()];
        issuers.contains(&claims.iss).then_some(claims)
    }

    /// Whether the token is within its time and not revoked.
    pub(crate) fn is_current(&self, claims: &Claims) -> bool {
        self.is_within_time(claims) && !self.is_revoked(claims)
    }

    pub(crate) fn is_within_time(&self, claims: &Claims) -> bool {
        let now = self.clock.unix_seconds();
        now < claims.exp && now.saturating_add(LEEWAY_SECONDS) >= claims.nbf
    }

    fn is_revoked(&self, claims: &Claims) -> bool {
        let serial = URL_SAFE_NO_PAD
            .decode(&claims.uti)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(u64::from_be_bytes);
        serial.is_none_or(|serial| self.directory.is_revoked(serial))
    }
}
