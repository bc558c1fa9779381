//! Proof key for code exchange (RFC 7636, method S256) and the other texts of a
//! sign-in that nobody may guess.

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::{AuthError, AuthErrorKind};

/// The verifier's bounds (RFC 7636 section 4.1).
const VERIFIER_LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// 32 random bytes as 43 characters: fit for a verifier, a state and a nonce.
pub(crate) fn unguessable(source: &'static str) -> Result<SecretString, AuthError> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| {
        let message = "the operating system gives no random numbers, so no sign-in is safe";
        AuthError::new(AuthErrorKind::Unavailable, source, message)
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// The challenge that a verifier answers.
pub(crate) fn challenge(verifier: &SecretString) -> String {
    let digest = digest::digest(&digest::SHA256, verifier.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

/// A verifier that came from elsewhere, if it can be one.
pub(crate) fn check_verifier(
    source: &'static str,
    verifier: SecretString,
) -> Result<SecretString, AuthError> {
    let text = verifier.expose_secret();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if VERIFIER_LENGTHS.contains(&text.len()) && text.bytes().all(fits) {
        return Ok(verifier);
    }
    let message = "the PKCE verifier is not 43 to 128 letters, digits and -._~";
    Err(AuthError::new(AuthErrorKind::Config, source, message)
        .with_hint("give the one that was made for this sign-in's address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn made_verifiers_fit_and_differ() {
        let (one, two) = (unguessable("t").unwrap(), unguessable("t").unwrap());
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert!(check_verifier("t", one).is_ok());
    }

    #[test]
    fn given_verifiers_are_checked_and_not_shown() {
        let (short, long) = ("canary".repeat(7), "canary".repeat(22));
        for bad in ["", &short, &long, &format!("{} ", "c".repeat(50))] {
            let error = check_verifier("t", (*bad).into()).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
