//! Certificates of devices: reading them, their thumbprint.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{parse_x509_certificate, pem::parse_x509_pem};

/// SHA-1 of a certificate in upper-case hexadecimal, as the platform names it.
/// The certificate is PEM, or PEM or DER in base64 (our choice, as which of them
/// is meant is not documented); none: it is neither.
pub(super) fn thumbprint(text: &str) -> Option<String> {
    let der = der(text)?;
    let (rest, _) = parse_x509_certificate(&der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
    Some(digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect())
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
