//! The outer form of JSON Web Tokens (RFC 7519): three parts, of which the
//! first two are JSON. What they say is for others to judge.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::keys::{KeyError, SigningKey};

/// A token taken apart; nothing about it is checked yet.
pub(crate) struct Jwt<'a> {
    header: Value,
    claims: Value,
    /// What the signature is over.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    pub(crate) fn split(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: decode(header)?,
            claims: decode(claims)?,
            signed: signed.as_bytes(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether `key` signed it, by the only algorithm we sign with.
    pub(crate) fn is_signed_by(&self, key: &SigningKey) -> bool {
        self.header("alg") == Some("RS256")
            && self.header("kid") == Some(key.id())
            && key.verifies(self.signed, &self.signature)
    }

    /// A member of the header that is a text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A claim that is a point in time; some clients send fractions.
    pub(crate) fn time(&self, claim: &str) -> Option<f64> {
        self.claims.get(claim)?.as_f64()
    }

    /// `aud` as it stands there, for messages.
    pub(crate) fn audience(&self) -> String {
        self.claims.get("aud").map(Value::to_string).unwrap_or_default()
    }

    /// Whether `aud` is this text, or a list that has it.
    pub(crate) fn is_for(&self, audience: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience),
            _ => false,
        }
    }

    pub(crate) fn claims_as<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_value(self.claims).ok()
    }
}

/// Signs a token.
pub(crate) fn sign(
    key: &SigningKey,
    kind: &str,
    claims: &impl Serialize,
) -> Result<String, KeyError> {
    let header = json!({"typ": kind, "alg": "RS256", "kid": key.id()});
    let signed = format!("{}.{}", encode(&header)?, encode(claims)?);
    let signature = key.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn encode(part: &impl Serialize) -> Result<String, KeyError> {
    let json = serde_json::to_vec(part).map_err(|_| KeyError::Crypto)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_signed_is_read_back() {
        let key = SigningKey::generate().unwrap();
        let token = sign(&key, "JWT", &json!({"aud": ["a", "b"], "exp": 1.5, "sub": "x"})).unwrap();
        let jwt = Jwt::split(&token).unwrap();
        assert!(jwt.is_signed_by(&key));
        assert!(jwt.is_for("b") && !jwt.is_for("c"));
        assert_eq!(
            (jwt.time("exp"), jwt.text("sub"), jwt.text("exp")),
            (Some(1.5), Some("x"), None)
        );
        assert!(!jwt.is_signed_by(&SigningKey::generate().unwrap()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,80}", parts in "[a-zA-Z0-9_-]{0,9}\\.e30\\.[a-z]{0,9}") {
            for text in [text, parts] {
                if let Some(jwt) = Jwt::split(&text) {
                    let _ = (jwt.text("x"), jwt.time("x"), jwt.is_for("x"));
                }
            }
        }
    }
}
