//! The `claims` parameter: what a client can do, and what it was told to ask
//! its user for.

use serde_json::{Value, json};

use super::error::TokenError;

/// What a second factor is asked for by, and what a token then carries.
///
/// The vendor has several such claims; an authentication context is the one
/// whose value can be seen in the token, so it is ours for all of them.
const SECOND_FACTOR: &str = "c1";

/// The `claims` parameter (OpenID Connect Core, section 5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClaimsRequest {
    /// The client handles claims challenges (`xms_cc` has `CP1`).
    pub(crate) handles_challenges: bool,
    /// The authentication contexts asked for (`acrs`).
    pub(crate) contexts: Vec<String>,
}

impl ClaimsRequest {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, TokenError> {
        let Some(text) = text else { return Ok(Self::default()) };
        let value: Value =
            serde_json::from_str(text).map_err(|_| TokenError::claims_malformed())?;
        if !value.is_object() {
            return Err(TokenError::claims_malformed());
        }
        let wanted = |claim| value.get("access_token").and_then(|token| token.get(claim));
        let capabilities = values(wanted("xms_cc"));
        Ok(Self {
            handles_challenges: capabilities.iter().any(|value| value.eq_ignore_ascii_case("cp1")),
            contexts: values(wanted("acrs")),
        })
    }
}

/// `value` and `values` of one requested claim.
fn values(claim: Option<&Value>) -> Vec<String> {
    let member = |name| claim.and_then(|claim| claim.get(name));
    let several = member("values").and_then(Value::as_array).into_iter().flatten();
    several.chain(member("value")).filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// The claims that a client has to send its user to the sign-in page with.
pub(crate) fn second_factor_claims() -> String {
    context_claims(&[SECOND_FACTOR.to_owned()])
}

/// The same for any authentication contexts.
pub(crate) fn context_claims(contexts: &[String]) -> String {
    let asked = match contexts {
        [one] => json!({"essential": true, "value": one}),
        several => json!({"essential": true, "values": several}),
    };
    json!({"access_token": {"acrs": asked}}).to_string()
}

/// Whether the contexts that a sign-in satisfied have the second factor.
pub(crate) fn has_second_factor(contexts: &[String]) -> bool {
    contexts.iter().any(|context| context == SECOND_FACTOR)
}

/// The contexts that a sign-in at a page satisfies: all that are asked for,
/// and the second factor if the resource wants it.
pub(crate) fn satisfied(asked: &[String], second_factor: bool) -> Vec<String> {
    let mut contexts = asked.to_vec();
    if second_factor && !has_second_factor(&contexts) {
        contexts.push(SECOND_FACTOR.to_owned());
    }
    contexts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_and_contexts_are_read() {
        let text = r#"{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"value":"c1"}}}"#;
        let claims = ClaimsRequest::parse(Some(text)).unwrap();
        assert!(claims.handles_challenges && has_second_factor(&claims.contexts));
        assert_eq!(ClaimsRequest::parse(None).unwrap(), ClaimsRequest::default());
        for broken in ["", "[]", "x", "{"] {
            assert_eq!(ClaimsRequest::parse(Some(broken)).unwrap_err().code, 90023, "{broken}");
        }
    }

    #[test]
    fn what_is_asked_for_satisfies() {
        let asked = ClaimsRequest::parse(Some(&second_factor_claims())).unwrap();
        assert!(has_second_factor(&satisfied(&asked.contexts, false)));
        assert!(has_second_factor(&satisfied(&[], true)));
        assert!(!has_second_factor(&satisfied(&[], false)));
    }
}
