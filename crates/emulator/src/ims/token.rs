//! Making and checking the tokens of the iTwin platform.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Provider,
    directory::{ImsClient, ImsUser, ORGANIZATION_ID, ORGANIZATION_NAME},
};
use crate::identity::{
    jwt::{self, Jwt},
    keys::KeyError,
};

/// Domain of the addresses that services are known by in roles.
const SERVICE_DOMAIN: &str = "apps.imsoidc.bentley.com";

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: Vec<String>,
    pub(super) scope: Vec<String>,
    pub(super) client_id: String,
    pub(super) iat: i64,
    nbf: i64,
    pub(super) exp: i64,
    /// Ours holds the serial number.
    jti: String,
    org: String,
    org_name: String,
    ultimate_site: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preferred_username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Claims {
    pub(super) fn serial(&self) -> Option<u64> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.jti).ok()?;
        bytes.try_into().ok().map(u64::from_be_bytes)
    }
}

/// The principal behind a request to the iTwin platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImsCaller {
    /// The application.
    pub client_id: String,
    /// The user's subject id; `None` for a service.
    pub user_id: Option<String>,
    /// The address that roles are given to: the user's, or the one made of a
    /// service's client id.
    pub email: String,
    /// The scopes of the token.
    pub scopes: Vec<String>,
}

impl Provider {
    /// Signs an access token; also says how many seconds it lives.
    pub(super) async fn issue(
        &self,
        client: &ImsClient,
        user: Option<&ImsUser>,
        scopes: &[String],
    ) -> Result<(String, u64), KeyError> {
        let key = self.key.get().await?;
        let (serial, lifetime) = self.directory.next_token(client);
        let now = self.now();
        let claims = Claims {
            iss: self.base_url.clone(),
            aud: vec![format!("{}/resources", self.base_url)],
            scope: scopes.to_vec(),
            client_id: client.client_id.clone(),
            iat: now,
            nbf: now,
            exp: now.saturating_add_unsigned(lifetime.as_secs()),
            jti: URL_SAFE_NO_PAD.encode(serial.to_be_bytes()),
            org: ORGANIZATION_ID.to_owned(),
            org_name: ORGANIZATION_NAME.to_owned(),
            ultimate_site: "1000000000".to_owned(),
            sub: user.map(|user| user.id.clone()),
            email: user.map(|user| user.email.clone()),
            preferred_username: user.map(|user| user.email.clone()),
            name: user.map(|user| user.name.clone()),
        };
        Ok((jwt::sign(key, "at+jwt", &claims)?, lifetime.as_secs()))
    }

    pub(super) async fn issue_id_token(
        &self,
        client: &ImsClient,
        user: &ImsUser,
        nonce: Option<&str>,
        lifetime_seconds: u64,
    ) -> Result<String, KeyError> {
        let now = self.now();
        let mut claims = json!({
            "iss": self.base_url,
            "aud": client.client_id,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add_unsigned(lifetime_seconds),
            "sub": user.id,
            "email": user.email,
            "preferred_username": user.email,
            "name": user.name,
        });
        if let (Some(nonce), Some(members)) = (nonce, claims.as_object_mut()) {
            members.insert("nonce".to_owned(), nonce.into());
        }
        jwt::sign(self.key.get().await?, "JWT", &claims)
    }

    /// The claims of an access token of ours that is current.
    pub(super) fn claims(&self, token: &str) -> Option<Claims> {
        let jwt = Jwt::split(token)?;
        if !jwt.is_signed_by(self.key.made()?) {
            return None;
        }
        let claims: Claims = jwt.claims_as()?;
        let now = self.now();
        let is_current = claims.iss == self.base_url
            && claims.nbf <= now
            && now < claims.exp
            && claims.serial().is_some_and(|serial| !self.directory.is_revoked(serial));
        is_current.then_some(claims)
    }
}

/// Checks the bearer tokens of an iTwin data plane.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(crate) provider: Arc<Provider>,
}

impl Verifier {
    /// Checks the value of an `Authorization` header.
    pub(crate) fn verify(&self, authorization: &str) -> Option<ImsCaller> {
        let (scheme, token) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let claims = self.provider.claims(token.trim())?;
        let email =
            claims.email.unwrap_or_else(|| format!("{}@{SERVICE_DOMAIN}", claims.client_id));
        Some(ImsCaller {
            client_id: claims.client_id,
            user_id: claims.sub,
            email,
            scopes: claims.scope,
        })
    }
}

/// What userinfo says of a user.
pub(super) fn user_info(user: &ImsUser) -> Value {
    json!({
        "sub": user.id,
        "email": user.email,
        "preferred_username": user.email,
        "name": user.name,
        "org": ORGANIZATION_ID,
        "org_name": ORGANIZATION_NAME,
    })
}
