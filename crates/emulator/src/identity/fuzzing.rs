//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use serde_json::Value;

use super::jwt::{self, Jwt};
use super::keys::SigningKey;

/// A key of an issuer.
pub struct Issuer(SigningKey);

impl Issuer {
    #[must_use]
    pub fn new() -> Option<Self> {
        SigningKey::generate().map(Self).ok()
    }

    /// A token that says this.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> Option<String> {
        jwt::sign(&self.0, "JWT", claims).ok()
    }

    /// The claims of a token that this issuer has signed.
    #[must_use]
    pub fn claims(&self, token: &str) -> Option<Value> {
        let jwt = Jwt::split(token)?;
        jwt.is_signed_by(&self.0).then(|| jwt.claims_as())?
    }
}
