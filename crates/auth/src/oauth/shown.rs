//! What of a service's words may be shown: services, and proxies before them,
//! repeat what they were sent. It must not know what an answer means.

use secrecy::{ExposeSecret, SecretString};
use twinkit_http::redact::{self, Secrets};

/// What is shorter stands in ordinary words, and a hole in one of those tells what was
/// in it; no service hands such a secret out.
pub(super) const SHORTEST: usize = 6;

/// The words that say why there is no token (RFC 6749, 6750, 8628 and 8707, OpenID
/// Connect, Entra ID). They are told by everybody and tell nothing, whatever a secret is
/// like, so they stay whole: every word that something depends on must stand here.
const WORDS: [&str; 37] = [
    "access_denied",
    "account_selection_required",
    "additional_action",
    "authorization_declined",
    "authorization_pending",
    "bad_token",
    "bad_verification_code",
    "basic_action",
    "cancel",
    "client_mismatch",
    "code_expired",
    "consent_required",
    "expired_token",
    "insufficient_scope",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_resource",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "login_required",
    "message_only",
    "protection_policy_required",
    "registration_not_supported",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "token_expired",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
    "user_password_expired",
];

/// A text of the server's as one line, without the secrets that were sent.
pub(crate) fn scrub(text: &str, secrets: &[SecretString], max_chars: usize) -> String {
    let word = text.trim();
    if WORDS.contains(&word) {
        return word.to_owned();
    }
    let secrets: Vec<&str> = long_enough(secrets).collect();
    redact::text(text, &secrets, max_chars)
}

/// Whether a secret that was sent stands in the text.
pub(super) fn holds_secret(text: &str, secrets: &[SecretString]) -> bool {
    let secrets = Secrets::new(long_enough(secrets).map(str::as_bytes));
    secrets.cut(text.as_bytes()).is_some()
}

/// Whether the text is one of the secrets, and nothing else.
pub(super) fn is_secret(text: &str, secrets: &[SecretString]) -> bool {
    long_enough(secrets).any(|secret| secret == text)
}

fn long_enough(secrets: &[SecretString]) -> impl Iterator<Item = &str> {
    secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| secret.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_takes_a_word_apart() {
        for word in WORDS {
            let parts = (0..word.len())
                .flat_map(|from| (from + 1..=word.len()).map(move |to| word.get(from..to)))
                .map(|part| SecretString::from(part.unwrap()));
            let parts: Vec<_> = parts.chain(["client-secret".into()]).collect();
            assert_eq!(scrub(word, &parts, 128), word);
            assert_eq!(scrub(&format!(" {word}\n"), &parts, 128), word);
        }
    }

    #[test]
    fn short_secrets_cut_nothing_and_others_are_cut_out() {
        assert_eq!(
            scrub("s, 12345 and sound", &["s".into(), "12345".into()], 99),
            "s, 12345 and sound"
        );
        assert_eq!(scrub("no 123456", &["123456".into()], 99), "no [redacted]");
        assert!(holds_secret("b\"no 123456\"", &["123456".into()]));
        assert!(!holds_secret("no 12345", &["12345".into()]));
    }
}
