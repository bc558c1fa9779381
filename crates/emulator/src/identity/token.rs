//! Making and checking the signed tokens (RFC 7519, RS256).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    directory::{Application, Directory},
    keys::{KeyError, SigningKey},
};
use crate::clock::Clock;

/// Seconds that a token is accepted before `nbf`, for clients' clocks.
const LEEWAY_SECONDS: i64 = 5;

/// Who makes the tokens: address, key, directory and clock in one place.
pub(crate) struct Authority {
    /// `scheme://host:port` of the identity listener.
    pub(crate) base_url: String,
    pub(crate) key: SigningKey,
    pub(crate) directory: Directory,
    pub(crate) clock: Clock,
}

#[derive(Serialize, Deserialize)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
}

/// The claims of an access token, as far as the emulator writes them.
#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: String,
    azp: String,
    azpacr: String,
    idtyp: String,
    oid: String,
    sub: String,
    tid: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// The token's own id: Entra's is opaque, ours holds the serial number.
    uti: String,
    ver: String,
}

/// A signed token and its lifetime in seconds.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) lifetime_seconds: u64,
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

    /// Signs a token for `application` and `audience`.
    pub(crate) fn issue(
        &self,
        application: &Application,
        audience: &str,
        issuer: String,
    ) -> Result<Issued, KeyError> {
        let (serial, lifetime) = self.directory.next_token(application);
        let now = self.clock.unix_seconds();
        let lifetime_seconds = lifetime.as_secs();
        let claims = Claims {
            aud: audience.to_owned(),
            iss: issuer,
            iat: now,
            nbf: now,
            exp: now.saturating_add_unsigned(lifetime_seconds),
            appid: application.client_id.clone(),
            azp: application.client_id.clone(),
            azpacr: "1".to_owned(),
            idtyp: "app".to_owned(),
            oid: application.object_id.clone(),
            sub: application.object_id.clone(),
            tid: application.tenant_id.clone(),
            roles: application.app_roles.clone(),
            uti: URL_SAFE_NO_PAD.encode(serial.to_be_bytes()),
            ver: "2.0".to_owned(),
        };
        let header = Header {
            typ: "JWT".to_owned(),
            alg: "RS256".to_owned(),
            kid: self.key.id().to_owned(),
        };
        let signed = format!("{}.{}", encode(&header)?, encode(&claims)?);
        let signature = self.key.sign(signed.as_bytes())?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        Ok(Issued { token, lifetime_seconds })
    }
}

fn encode(part: &impl Serialize) -> Result<String, KeyError> {
    let json = serde_json::to_vec(part).map_err(|_| KeyError)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// The principal behind a request, put into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Tenant of the token.
    pub tenant_id: String,
    /// Object id of the enterprise application.
    pub object_id: String,
    /// Application (client) id.
    pub client_id: String,
}

/// Why a token was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Missing, malformed, expired, revoked, or for another audience.
    Unauthorized,
    /// Sound, but of a tenant that the instance does not belong to.
    WrongTenant,
}

/// Checks the bearer tokens of one instance.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(crate) authority: Arc<Authority>,
    /// Accepted audiences, compared without case and without a final slash.
    pub(crate) audiences: &'static [&'static str],
    pub(crate) tenant_id: String,
}

impl Verifier {
    /// Checks the value of an `Authorization` header.
    pub(crate) fn verify(&self, authorization: &str) -> Result<Caller, Refusal> {
        let (scheme, token) = authorization.split_once(' ').ok_or(Refusal::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Unauthorized);
        }
        let claims = self.claims(token.trim()).ok_or(Refusal::Unauthorized)?;
        if !self.is_current(&claims) || !self.takes_audience(&claims.aud) {
            return Err(Refusal::Unauthorized);
        }
        if claims.tid != self.tenant_id {
            return Err(Refusal::WrongTenant);
        }
        Ok(Caller { tenant_id: claims.tid, object_id: claims.oid, client_id: claims.appid })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = decode(header)?;
        if header.alg != "RS256" || header.kid != self.authority.key.id() {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.authority.key.verifies(signed.as_bytes(), &signature) {
            return None;
        }
        let claims: Claims = decode(claims)?;
        let issuers = [self.authority.issuer(&claims.tid), self.authority.adfs_issuer()];
        issuers.contains(&claims.iss).then_some(claims)
    }

    fn is_current(&self, claims: &Claims) -> bool {
        let now = self.authority.clock.unix_seconds();
        let serial = URL_SAFE_NO_PAD
            .decode(&claims.uti)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(u64::from_be_bytes);
        now < claims.exp
            && now.saturating_add(LEEWAY_SECONDS) >= claims.nbf
            && serial.is_some_and(|serial| !self.authority.directory.is_revoked(serial))
    }

    fn takes_audience(&self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        let audience = audience.strip_prefix("api://").unwrap_or(audience);
        self.audiences.iter().any(|known| known.eq_ignore_ascii_case(audience))
    }
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{prop_assert, test_runner::TestRunner};

    use super::{
        super::directory::{CLIENT_ID, TENANT_ID},
        *,
    };

    const AUDIENCE: &str = "https://digitaltwins.azure.net";

    fn verifier() -> Verifier {
        Verifier {
            authority: Arc::new(Authority {
                base_url: "https://localhost:1".to_owned(),
                key: SigningKey::generate().unwrap(),
                directory: Directory::seeded("digital-twins"),
                clock: Clock::new(),
            }),
            audiences: &[AUDIENCE],
            tenant_id: TENANT_ID.to_owned(),
        }
    }

    fn token(verifier: &Verifier, audience: &str) -> String {
        let authority = &verifier.authority;
        let owner = authority.directory.application(TENANT_ID, CLIENT_ID).unwrap();
        let issued = authority.issue(&owner, audience, authority.issuer(TENANT_ID));
        format!("Bearer {}", issued.unwrap().token)
    }

    #[test]
    fn what_was_issued_is_accepted_until_it_expires() {
        let verifier = verifier();
        let token = token(&verifier, "https://digitaltwins.azure.net/");
        assert_eq!(verifier.verify(&token).unwrap().client_id, CLIENT_ID);
        verifier.authority.clock.advance(Duration::from_secs(3599));
        assert_eq!(verifier.verify(&token), Err(Refusal::Unauthorized));
    }

    #[test]
    fn tampering_is_refused() {
        let verifier = verifier();
        let token = token(&verifier, AUDIENCE);
        let mut parts: Vec<&str> = token.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT","kid":""}"#);
        let forged = format!("Bearer {forged}");
        parts[0] = &forged;
        assert_eq!(verifier.verify(&parts.join(".")), Err(Refusal::Unauthorized));
        for text in ["", "Bearer", "Bearer ", "Basic x", "Bearer a.b.c", "Bearer ..", "Bearer é"] {
            assert_eq!(verifier.verify(text), Err(Refusal::Unauthorized), "{text}");
        }
    }

    #[test]
    fn audience_tenant_and_revocation_are_checked() {
        let mut verifier = verifier();
        let foreign = token(&verifier, "https://storage.azure.com");
        assert_eq!(verifier.verify(&foreign), Err(Refusal::Unauthorized));
        let sound = token(&verifier, AUDIENCE);
        verifier.tenant_id = "another".to_owned();
        assert_eq!(verifier.verify(&sound), Err(Refusal::WrongTenant));
        verifier.authority.directory.revoke_tokens();
        assert_eq!(verifier.verify(&sound), Err(Refusal::Unauthorized));
    }

    #[test]
    fn no_text_makes_the_check_panic() {
        let verifier = verifier();
        let mut runner = TestRunner::default();
        let text = proptest::string::string_regex("(?s)(Bearer |bearer )?.{0,40}").unwrap();
        runner
            .run(&text, |text| {
                prop_assert!(verifier.verify(&text).is_err());
                Ok(())
            })
            .unwrap();
    }
}
