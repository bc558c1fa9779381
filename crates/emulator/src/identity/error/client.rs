//! Refusals of applications that do not prove who they are.

use axum::http::StatusCode;

use super::TokenError;

impl TokenError {
    pub(crate) fn application_unknown(client_id: &str, tenant: &str) -> Self {
        let message =
            format!("The application '{client_id}' is not in the directory of tenant '{tenant}'.");
        Self::invalid_request(700_016, message).with_error("unauthorized_client")
    }

    pub(crate) fn secret_missing() -> Self {
        Self::invalid_client(
            7_000_218,
            "The form has neither a field 'client_secret' nor 'client_assertion'.",
        )
    }

    pub(crate) fn secret_wrong(client_id: &str) -> Self {
        let message = format!(
            "The client secret sent is not one of application '{client_id}'. \
             Send the secret's value, not its id."
        );
        Self::invalid_client(7_000_215, message)
    }

    pub(crate) fn secret_expired(client_id: &str) -> Self {
        let message = format!("The client secret of application '{client_id}' has expired.");
        Self::invalid_client(7_000_222, message)
    }

    pub(crate) fn client_is_public() -> Self {
        Self::invalid_client(
            700_025,
            "The application is a public client: send neither 'client_secret' nor \
             'client_assertion'.",
        )
    }

    pub(crate) fn assertion_malformed(why: &str) -> Self {
        Self::invalid_client(50027, format!("The client assertion is not valid: {why}."))
    }

    pub(crate) fn assertion_audience(expected: &str) -> Self {
        let message = format!("The client assertion's 'aud' must be '{expected}'.");
        Self::invalid_client(700_023, message)
    }

    pub(crate) fn assertion_subject(client_id: &str) -> Self {
        let message = format!("The client assertion's 'sub' must be the client id '{client_id}'.");
        Self::invalid_client(700_021, message)
    }

    pub(crate) fn assertion_time(now: i64) -> Self {
        let message = format!(
            "The client assertion is not within its time: 'nbf' and 'exp' must enclose {now}.",
        );
        Self::invalid_client(700_024, message)
    }

    pub(crate) fn assertion_key(why: &str) -> Self {
        Self::invalid_client(700_027, format!("The client assertion's signature failed: {why}."))
    }

    pub(crate) fn federated_issuer(issuer: &str) -> Self {
        Self::federated(700_211, "issuer", issuer)
    }

    pub(crate) fn federated_audience(audience: &str) -> Self {
        Self::federated(700_212, "audience", audience)
    }

    pub(crate) fn federated_subject(subject: &str) -> Self {
        Self::federated(700_213, "subject", subject)
    }

    fn federated(code: u32, what: &str, value: &str) -> Self {
        let message =
            format!("No federated credential of the application has the {what} '{value}'.");
        Self::invalid_client(code, message)
    }

    pub(crate) fn signing_failed() -> Self {
        let message = "The token could not be signed.".to_owned();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", 90033, message)
    }
}
