//! JWTs that others signed (RFC 7519), as far as this crate looks at them: only
//! whether a text can be one. Their content is for the service to judge.

use secrecy::{ExposeSecret, SecretString};

use crate::{AuthError, AuthErrorKind};

/// The trimmed text, if it has the form of a signed JWT. `what` names it in the
/// error, which never shows it.
///
/// # Errors
/// `Config` if it is empty or is no three base64url texts joined by dots.
pub(crate) fn checked(
    source: &'static str,
    what: &str,
    text: SecretString,
) -> Result<SecretString, AuthError> {
    let trimmed = text.expose_secret().trim();
    let fault = if trimmed.is_empty() {
        "is empty"
    } else if !is_jwt(trimmed) {
        "is not a JWT, which is three base64url texts joined by dots"
    } else if trimmed.len() == text.expose_secret().len() {
        return Ok(text);
    } else {
        return Ok(trimmed.into());
    };
    Err(AuthError::new(AuthErrorKind::Config, source, format!("{what} {fault}")))
}

fn is_jwt(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(fits);
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) -> Result<SecretString, AuthError> {
        checked("test", "the token", text.into())
    }

    #[test]
    fn a_jwt_is_taken_without_the_blanks_around_it() {
        for text in ["eyJ.e-_1.s", " eyJ.e-_1.s\r\n", "\neyJ.e-_1.s"] {
            assert_eq!(check(text).unwrap().expose_secret(), "eyJ.e-_1.s");
        }
    }

    #[test]
    fn other_texts_are_refused_unseen() {
        for text in [
            "",
            " \r\n",
            "canary",
            "canary.b",
            "canary.b.",
            "canary.b.c.d",
            "canary.b c.d",
            "canary.b\r\n.c",
            "canary.b.c=",
            "{\"canary\":1}",
            "canary.ä.c",
        ] {
            let error = check(text).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{text:?}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = check(&text);
        }
    }
}
