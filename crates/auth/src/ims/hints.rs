//! What to do about the errors of IMS. It answers with OAuth's own words (RFC
//! 6749 section 5.2), so the hints follow those.

use crate::AuthError;

/// Adds the hint for the answer's `error`, if there is one for it.
pub(super) fn explain(error: AuthError) -> AuthError {
    let hint = match error.error() {
        Some("invalid_client") => {
            "check client id and secret on the application's page of the developer portal, and \
             that it is an application of the type the credential is for"
        }
        Some("invalid_scope") => {
            "the scope is itwin-platform (with offline_access for a refresh token); the \
             application must have it on the developer portal"
        }
        Some("unauthorized_client") => {
            "the application's type does not allow this way in; a service application has client \
             credentials, a native one the sign-in of a person"
        }
        Some("invalid_grant") => {
            "the code or refresh token is used up or has ended; IMS takes each refresh token \
             once. Sign in again"
        }
        _ => return error,
    };
    error.with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthErrorKind;
    use crate::error::ErrorAnswer;

    #[test]
    fn known_errors_get_hints() {
        let error = |word: &str| {
            let answer = ErrorAnswer { error: Some(word.into()), ..ErrorAnswer::default() };
            let error = AuthError::new(AuthErrorKind::Rejected, "t", "m");
            explain(error.with_answer(400, answer))
        };
        for word in ["invalid_client", "invalid_scope", "unauthorized_client", "invalid_grant"] {
            assert!(error(word).hint().is_some(), "{word}");
        }
        assert_eq!(error("other").hint(), None);
    }
}
