//! X.509 certificates as bodies carry them: base64 of the whole PEM text. PEM as it
//! is and DER in base64 are taken too (our choice).

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{parse_x509_certificate, pem::parse_x509_pem, prelude::X509Certificate};

/// A certificate that could be read.
#[derive(Debug)]
pub(in crate::iot_central) struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// # Errors
    /// Says what is wrong, so that it fits behind the name of the member.
    pub(in crate::iot_central) fn read(text: &str) -> Result<Self, &'static str> {
        let der = der(text).ok_or("is neither PEM nor DER in base64")?;
        let certificate = Self { der };
        let is_whole =
            parse_x509_certificate(&certificate.der).is_ok_and(|(rest, _)| rest.is_empty());
        if is_whole { Ok(certificate) } else { Err("holds no X.509 certificate") }
    }

    /// SHA-1 of the DER, in upper-case hexadecimal digits.
    pub(in crate::iot_central) fn sha1_thumbprint(&self) -> String {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Whether its subject has this common name.
    pub(in crate::iot_central) fn is_named(&self, name: &str) -> bool {
        let named = |certificate: &X509Certificate<'_>| {
            let mut names = certificate.subject().iter_common_name();
            names.any(|found| found.as_str().is_ok_and(|found| found == name))
        };
        self.parsed(named).unwrap_or(false)
    }

    /// Whether the key of `issuer` signed it.
    pub(in crate::iot_central) fn is_signed_by(&self, issuer: &Self) -> bool {
        let signed = self.parsed(|certificate| {
            issuer.parsed(|issuer| certificate.verify_signature(Some(issuer.public_key())).is_ok())
        });
        signed.flatten().unwrap_or(false)
    }

    fn parsed<T>(&self, look: impl FnOnce(&X509Certificate<'_>) -> T) -> Option<T> {
        let (_, certificate) = parse_x509_certificate(&self.der).ok()?;
        Some(look(&certificate))
    }
}

fn der(text: &str) -> Option<Vec<u8>> {
    let of_pem = |bytes: &[u8]| Some(parse_x509_pem(bytes).ok()?.1.contents);
    if text.contains("-----BEGIN") {
        return of_pem(text.as_bytes());
    }
    let packed: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    if bytes.starts_with(b"-----BEGIN") { of_pem(&bytes) } else { Some(bytes) }
}
