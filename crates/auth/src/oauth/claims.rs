//! The `claims` field of a token request: what a challenge asks for, joined
//! with the capabilities that the caller declares.

use serde_json::{Map, Value, json};

use crate::TokenRequest;

/// The JSON text to send, if the request needs one. The request has checked
/// already that a challenge is a JSON object.
pub(crate) fn requested_claims(request: &TokenRequest) -> Option<String> {
    let challenge = request.claims().map(str::to_owned);
    if !request.cae() {
        return challenge;
    }
    // `CP1` is the capability to answer claims challenges.
    let mut claims = json!({ "access_token": { "xms_cc": { "values": ["CP1"] } } });
    if let Some(challenge) = challenge
        && let Ok(challenge) = serde_json::from_str::<Map<String, Value>>(&challenge)
    {
        merge(&mut claims, Value::Object(challenge));
    }
    Some(claims.to_string())
}

/// Puts `from` into `into`, object by object; elsewhere `from` wins.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_join_the_declared_capability() {
        let plain = TokenRequest::new(["a"]).unwrap();
        assert_eq!(requested_claims(&plain), None);
        let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
        let challenged = plain.clone().with_claims(challenge).unwrap();
        assert_eq!(requested_claims(&challenged).as_deref(), Some(challenge));
        let cae: Value =
            serde_json::from_str(&requested_claims(&challenged.with_cae()).unwrap()).unwrap();
        assert_eq!(
            cae,
            json!({"access_token": {
                "xms_cc": {"values": ["CP1"]},
                "nbf": {"essential": true, "value": "1"}
            }})
        );
    }
}
