//! What is taken from a registered certificate: thumbprints and public key.

use aws_lc_rs::{
    digest,
    signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
    },
};
use x509_parser::parse_x509_certificate;

/// A certificate by which an application signs its assertions.
pub(crate) struct Certificate {
    public_key: Vec<u8>,
    /// Hash of the DER, the header `x5t`.
    pub(crate) sha1: Vec<u8>,
    /// Hash of the DER, the header `x5t#S256`.
    pub(crate) sha256: Vec<u8>,
}

impl Certificate {
    /// Takes a certificate in DER apart. Its version, who issued it and how long
    /// it holds is not looked at, as Entra does not either.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = parse_x509_certificate(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let public_key = certificate.public_key().raw.to_vec();
        let hash = |algorithm| digest::digest(algorithm, der).as_ref().to_vec();
        Some(Self {
            public_key,
            sha1: hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            sha256: hash(&digest::SHA256),
        })
    }

    /// Whether its key made the signature by `algorithm`, RS256 or PS256.
    pub(crate) fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let parameters: &'static RsaParameters = match algorithm {
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        UnparsedPublicKey::new(parameters, &self.public_key).verify(message, signature).is_ok()
    }
}
