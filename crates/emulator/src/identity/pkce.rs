//! Proof Key for Code Exchange (RFC 7636), method S256.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Characters of a challenge: SHA-256 in base64url without padding.
const CHALLENGE_LENGTH: usize = 43;

/// Whether a text can be a challenge.
pub(crate) fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// Whether a verifier is well-formed and belongs to the challenge.
pub(crate) fn belongs(verifier: &str, challenge: &str) -> bool {
    let is_sound = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    let expected = URL_SAFE_NO_PAD.encode(hash.as_ref());
    is_sound && verify_slices_are_equal(expected.as_bytes(), challenge.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_fits() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge));
        assert!(belongs("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge));
        assert!(!belongs("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", challenge));
        assert!(!belongs("short", challenge));
        assert!(!is_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"));
        assert!(!is_challenge("short"));
    }
}
