//! Refusals of what a user has to do with: codes, refresh tokens, assertions,
//! consent and policies.

use super::{super::challenge, TokenError};

impl TokenError {
    pub(crate) fn code_unknown() -> Self {
        Self::invalid_grant(70000, "The authorization code is none that was given to this client.")
    }

    pub(crate) fn code_expired() -> Self {
        Self::invalid_grant(70008, "The authorization code has expired. Sign in again.")
    }

    pub(crate) fn code_used() -> Self {
        Self::invalid_grant(54005, "The authorization code was redeemed before. Sign in again.")
    }

    pub(crate) fn redirect_differs() -> Self {
        Self::invalid_grant(
            500_112,
            "The field 'redirect_uri' is not the address that the code was asked with.",
        )
    }

    pub(crate) fn verifier_wrong() -> Self {
        Self::invalid_grant(501_481, "The 'code_verifier' does not fit the 'code_challenge'.")
    }

    pub(crate) fn refresh_unknown() -> Self {
        Self::invalid_grant(9_002_313, "The refresh token is none that was given to this client.")
            .with_suberror("bad_token")
    }

    pub(crate) fn refresh_expired() -> Self {
        Self::invalid_grant(700_082, "The refresh token has expired by inactivity. Sign in again.")
            .with_suberror("token_expired")
    }

    pub(crate) fn refresh_revoked() -> Self {
        Self::invalid_grant(50173, "The refresh token has been revoked. Sign in again.")
            .with_suberror("bad_token")
    }

    pub(crate) fn authorization_pending() -> Self {
        Self::invalid_grant(70016, "The user has not answered yet. Ask again later.")
            .with_error("authorization_pending")
    }

    pub(crate) fn slow_down(interval: i64) -> Self {
        let message = format!("Asked too soon. From now on wait {interval} seconds in between.");
        Self::invalid_grant(70016, message).with_error("slow_down")
    }

    pub(crate) fn authorization_declined() -> Self {
        Self::invalid_grant(70018, "The user declined the sign-in.")
            .with_error("authorization_declined")
    }

    pub(crate) fn device_code_unknown() -> Self {
        Self::invalid_grant(70019, "The device code is none that was given to this client.")
            .with_error("bad_verification_code")
    }

    pub(crate) fn device_code_expired() -> Self {
        Self::invalid_grant(70020, "The device code has expired. Ask for a new one.")
            .with_error("expired_token")
    }

    pub(crate) fn device_flow_blocked() -> Self {
        Self::invalid_grant(53003, "An access policy of the tenant blocks the device code flow.")
            .with_suberror("message_only")
    }

    pub(crate) fn user_assertion_malformed() -> Self {
        Self::invalid_grant(50013, "The assertion is not an access token with a valid signature.")
    }

    pub(crate) fn user_assertion_expired() -> Self {
        Self::invalid_grant(500_133, "The assertion is not within its time.")
    }

    pub(crate) fn user_assertion_audience(audience: &str, client_id: &str) -> Self {
        let message = format!("The assertion is for '{audience}', but '{client_id}' presents it.");
        Self::invalid_grant(500_131, message)
    }

    pub(crate) fn user_assertion_of_application() -> Self {
        Self::invalid_grant(
            7_000_114,
            "The assertion is an application's own token. Only a user's can be exchanged.",
        )
    }

    pub(crate) fn interaction_required(resource: &str) -> Self {
        let message = format!("The resource '{resource}' wants a second factor from the user.");
        let error = Self::invalid_grant(50076, message)
            .with_error("interaction_required")
            .with_suberror("basic_action");
        Self { claims: Some(challenge::second_factor_claims()), ..error }
    }

    /// The client answers a challenge with a sign-in that does not.
    pub(crate) fn context_lacking(contexts: &[String]) -> Self {
        let words = contexts.join(" ");
        let message = format!("The sign-in lacks the authentication context '{words}'.");
        let error = Self::invalid_grant(50076, message)
            .with_error("interaction_required")
            .with_suberror("basic_action");
        Self { claims: Some(challenge::context_claims(contexts)), ..error }
    }

    pub(crate) fn consent_missing(client_id: &str, scope: &str) -> Self {
        let message =
            format!("The user has not agreed that application '{client_id}' uses '{scope}'.");
        Self::invalid_grant(65001, message).with_suberror("consent_required")
    }

    pub(crate) fn login_required() -> Self {
        Self::invalid_request(50058, "Nobody is signed in, and 'prompt=none' forbids to ask.")
            .with_error("login_required")
    }

    pub(crate) fn user_cancelled() -> Self {
        Self::invalid_request(65004, "The user declined to agree to the application's access.")
            .with_error("access_denied")
    }

    pub(crate) fn user_unknown(user_name: &str, tenant: &str) -> Self {
        let message = format!("There is no user '{user_name}' in tenant '{tenant}'.");
        Self::invalid_grant(50034, message)
    }
}
