//! API tokens: minting and checking. The text is given out once; what is kept is
//! its digest.
//!
//! `SharedAccessSignature sr={application id}&sig={signature}&skn={token
//! id}&se={expiry}`, the expiry in milliseconds since 1970. How the platform
//! makes the signature is not known; ours is random.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use crate::iot_central::{
    ApiError, Application,
    state::{Record, State},
};

/// How long a token lives unless its maker says otherwise: a year.
const LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// When a token that is made now ends.
pub(in crate::iot_central) fn default_expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX)
}

/// A new token's text.
pub(in crate::iot_central) fn mint(application_id: &str, id: &str, expiry: Timestamp) -> String {
    let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()];
    let signature = STANDARD.encode(random.as_flattened());
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!(
        "SharedAccessSignature sr={application_id}&sig={}&skn={}&se={}",
        encoded(&signature),
        encoded(id),
        expiry.as_millisecond()
    )
}

/// What is kept of a token's text.
pub(in crate::iot_central) fn digest_of(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

/// The token behind its text, if it was made here, is there still, and has not
/// expired.
pub(in crate::iot_central) fn verify<'s>(
    application: &Application,
    state: &'s State,
    text: &str,
) -> Result<&'s Record, ApiError> {
    let refused = |why: &str| ApiError::unauthenticated(format!("The API token {why}."));
    let (_, fields) = text.split_once(' ').unwrap_or_default();
    let field = |name: &str| {
        let mut pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let resource = field("sr").ok_or_else(|| refused("names no application"))?;
    if !resource.eq_ignore_ascii_case(application.id()) {
        return Err(refused("is of another application"));
    }
    let id = field("skn").ok_or_else(|| refused("has no id"))?;
    let id = percent_decode_str(id).decode_utf8_lossy();
    let known = state.api_tokens.get(id.as_ref()).zip(state.token_digests.get(id.as_ref()));
    let (record, digest) = known.ok_or_else(|| refused("was revoked or never made"))?;
    verify_slices_are_equal(digest, &digest_of(text))
        .map_err(|_| refused("is not the one made"))?;
    let expires = field("se").and_then(|millis| millis.parse().ok()).unwrap_or(i64::MIN);
    if application.now().as_millisecond() >= expires {
        return Err(refused("has expired"));
    }
    Ok(record)
}
