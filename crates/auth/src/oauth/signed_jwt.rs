//! The JWT by which a client proves that it holds a private key (RFC 7523
//! section 2.2), signed here. It must not know where the key came from, nor
//! how a service wants its certificate named in the header.

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use twinkit_http::random;

use super::AssertionRequest;

/// Services take assertions of up to ten minutes.
const LIFE: Duration = Duration::from_secs(600);

/// How an assertion is signed (RFC 7518 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for services that know nothing newer.
    Rs256,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    fn encoding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Ps256 => &RSA_PSS_SHA256,
            Self::Rs256 => &RSA_PKCS1_SHA256,
        }
    }
}

/// An assertion as `wanted`; `naming` are the header's fields that name the
/// certificate. `None` if the library cannot sign, which a key that it has
/// taken does not make it do.
pub(crate) fn signed(
    key: &RsaKeyPair,
    algorithm: Algorithm,
    naming: &Map<String, Value>,
    wanted: AssertionRequest<'_>,
) -> Option<SecretString> {
    let mut header = naming.clone();
    header.insert("alg".to_owned(), algorithm.name().into());
    header.insert("typ".to_owned(), "JWT".into());
    let since = wanted.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = since.as_secs();
    let claims = json!({
        "aud": wanted.audience,
        "iss": wanted.client_id,
        "sub": wanted.client_id,
        // Each is taken once.
        "jti": random::uuid(),
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(LIFE.as_secs()),
    });
    let header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let message = format!("{header}.{claims}");
    let mut signature = vec![0_u8; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(algorithm.encoding(), &random, message.as_bytes(), &mut signature).ok()?;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
}
