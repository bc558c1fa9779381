//! Checking the bearer tokens that come to a data plane.

use std::sync::Arc;

use super::{directory::TENANT_ID, token::Authority};

/// The principal behind a request, put into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Tenant of the token.
    pub tenant_id: String,
    /// Object id of the user, or of the enterprise application.
    pub object_id: String,
    /// Application (client) id.
    pub client_id: String,
}

/// Why a token was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Missing, malformed, expired, revoked, or for another audience.
    Unauthorized,
    /// Revoked, and its client handles claims challenges.
    Challenged,
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
    /// Takes tokens of the seeded tenant for these audiences.
    pub(crate) fn new(authority: &Arc<Authority>, audiences: &'static [&'static str]) -> Self {
        let tenant_id = TENANT_ID.to_owned();
        Self { authority: Arc::clone(authority), audiences, tenant_id }
    }

    /// Checks the value of an `Authorization` header.
    pub(crate) fn verify(&self, authorization: &str) -> Result<Caller, Refusal> {
        let (scheme, token) = authorization.split_once(' ').ok_or(Refusal::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Unauthorized);
        }
        let claims = self.authority.claims(token.trim()).ok_or(Refusal::Unauthorized)?;
        if !self.authority.is_within_time(&claims) || !self.takes_audience(&claims.aud) {
            return Err(Refusal::Unauthorized);
        }
        if !self.authority.is_current(&claims) {
            let handles_challenges = !claims.xms_cc.is_empty();
            return Err(if handles_challenges {
                Refusal::Challenged
            } else {
                Refusal::Unauthorized
            });
        }
        if claims.tid != self.tenant_id {
            return Err(Refusal::WrongTenant);
        }
        Ok(Caller { tenant_id: claims.tid, object_id: claims.oid, client_id: claims.appid })
    }

    fn takes_audience(&self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        let audience = audience.strip_prefix("api://").unwrap_or(audience);
        self.audiences.iter().any(|known| known.eq_ignore_ascii_case(audience))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::{prop_assert, test_runner::TestRunner};

    use super::{
        super::{
            SignIns, SigningKey,
            client::{Client, Proof},
            directory::{CLIENT_ID, Directory, TENANT_ID},
            foreign::ForeignIssuer,
            token::Order,
        },
        *,
    };
    use crate::{clock::Clock, data::Data, identity::LazyKey};

    const AUDIENCE: &str = "https://digitaltwins.azure.net";

    fn verifier() -> Verifier {
        let base_url = "https://localhost:1".to_owned();
        let clock = Clock::new();
        let key = LazyKey::open(&Data::default(), "key").unwrap();
        let authority = Authority {
            foreign: ForeignIssuer::new(&base_url, clock.clone(), key),
            base_url,
            key: SigningKey::generate().unwrap(),
            directory: Directory::seeded("digital-twins", "x"),
            clock,
            sign_ins: SignIns::default(),
        };
        Verifier::new(&Arc::new(authority), &[AUDIENCE])
    }

    fn token(verifier: &Verifier, audience: &str) -> String {
        let authority = &verifier.authority;
        let application = authority.directory.application(Some(TENANT_ID), CLIENT_ID).unwrap();
        let client = Client { application, proof: Proof::Secret };
        let issued = authority.issue(Order {
            client: &client,
            issuer: authority.issuer(TENANT_ID),
            audience,
            user: None,
            handles_challenges: false,
        });
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
