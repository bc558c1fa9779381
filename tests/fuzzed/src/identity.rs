//! Tokens and assertions, as the emulator's identity services read them.

use std::sync::LazyLock;

use serde_json::json;
use twinkit_emulator::identity::fuzzing::Issuer;

use crate::support::text;

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer::new().unwrap());

/// A token in the form of JWT, and the same text as claims. Nobody's token is taken but
/// the issuer's own, which says what it was made of; with anything changed it is nobody's.
pub fn signed_token(data: &[u8]) {
    let Some(text) = text(data) else { return };
    assert_eq!(ISSUER.claims(text), None, "{text}");
    let claims = json!({"sub": text, "exp": 1});
    let token = ISSUER.sign(&claims).unwrap();
    assert_eq!(ISSUER.claims(&token), Some(claims));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for other in [format!("{signed}.{text}"), format!("{text}.{signature}")] {
        assert!(other == token || ISSUER.claims(&other).is_none(), "{other}");
    }
}
