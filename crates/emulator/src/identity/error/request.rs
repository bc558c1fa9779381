//! Refusals of requests that are not sound.

use super::TokenError;

impl TokenError {
    pub(crate) fn tenant_not_found(tenant: &str) -> Self {
        Self::invalid_request(90002, format!("There is no tenant '{tenant}' here."))
    }

    pub(crate) fn tenant_malformed(tenant: &str) -> Self {
        let message = format!("'{tenant}' is neither a tenant id nor a domain name.");
        Self::invalid_request(900_023, message)
    }

    pub(crate) fn tenant_missing() -> Self {
        Self::invalid_request(90019, "A client credentials request must name its tenant.")
    }

    pub(crate) fn field_missing(field: &str) -> Self {
        Self::invalid_request(900_144, format!("The form has no field '{field}'."))
    }

    pub(crate) fn field_repeated(field: &str) -> Self {
        let message = format!("The form has the field '{field}' more than once.");
        Self::invalid_request(9_000_410, message)
    }

    pub(crate) fn post_only() -> Self {
        Self::invalid_request(900_561, "The token endpoint takes POST only.")
    }

    pub(crate) fn version_one() -> Self {
        Self::invalid_request(
            90023,
            "The v1.0 endpoints are not served. Use /oauth2/v2.0/ and, in place of \
             'resource', a scope that is the resource followed by '/.default'.",
        )
    }

    pub(crate) fn claims_malformed() -> Self {
        Self::invalid_request(90023, "The field 'claims' is not a JSON object.")
    }

    pub(crate) fn value_unknown(field: &str, value: &str, known: &str) -> Self {
        let message = format!("The field '{field}' is '{value}', where {known} is taken.");
        Self::invalid_request(90023, message)
    }

    pub(crate) fn grant_unsupported(grant: &str) -> Self {
        Self::invalid_request(70003, format!("The grant type '{grant}' is not supported."))
            .with_error("unsupported_grant_type")
    }

    pub(crate) fn response_type_unsupported(response_type: &str) -> Self {
        let message = format!(
            "The response type '{response_type}' is not enabled: tokens are not handed out \
             on the front channel. Use 'code' with PKCE.",
        );
        Self::invalid_request(700_051, message).with_error("unsupported_response_type")
    }

    pub(crate) fn challenge_missing() -> Self {
        Self::invalid_request(
            9_002_325,
            "A public client must send 'code_challenge' with the method S256 (PKCE).",
        )
    }

    pub(crate) fn challenge_malformed() -> Self {
        Self::invalid_request(
            501_491,
            "The field 'code_challenge' must be a SHA-256 in base64url without padding, and \
             'code_challenge_method' must be 'S256'.",
        )
    }

    pub(crate) fn redirect_unknown(redirect_uri: &str, client_id: &str) -> Self {
        let message = format!(
            "The redirect address '{redirect_uri}' is not registered for the application \
             '{client_id}'.",
        );
        Self::invalid_request(50011, message)
    }

    pub(crate) fn scope_malformed(scope: &str) -> Self {
        Self::invalid_request(70011, format!("The scope '{scope}' is not valid."))
            .with_error("invalid_scope")
    }

    pub(crate) fn scope_not_default(scope: &str) -> Self {
        let message =
            format!("The scope '{scope}' does not end in '/.default', as client credentials need.");
        Self::invalid_request(1_002_012, message).with_error("invalid_scope")
    }

    pub(crate) fn scope_unknown(scope: &str, resource: &str) -> Self {
        let message = format!("The resource '{resource}' has no scope '{scope}'.");
        Self::invalid_request(650_053, message).with_error("invalid_scope")
    }

    pub(crate) fn several_resources(scope: &str) -> Self {
        Self::invalid_request(28000, format!("The scope '{scope}' names more than one resource."))
    }

    pub(crate) fn resource_unknown(resource: &str) -> Self {
        let message = format!("The resource '{resource}' has no principal in the tenant.");
        Self::invalid_request(500_011, message).with_error("invalid_resource")
    }
}
