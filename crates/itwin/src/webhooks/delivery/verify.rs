//! The signature of a delivery: `sha256=` and the HMAC-SHA256 (RFC 2104) of the
//! raw body, in hexadecimal digits. It must not read the body before it is found
//! genuine.

use std::fmt;

use aws_lc_rs::hmac;
use progenitor_client::{Error, Secret};

use super::Event;

/// The header that holds the signature. Names of headers have no case.
pub const SIGNATURE_HEADER: &str = "Signature";

/// The one algorithm that is taken, whatever a delivery names.
const ALGORITHM: &str = "sha256=";
/// Bytes of an HMAC-SHA256.
const LENGTH: usize = 32;

/// Tells genuine deliveries from others, by the secret that the webhook was made
/// with.
///
/// ```
/// use twinkit_itwin::Secret;
/// use twinkit_itwin::webhooks::{DeliveryError, EventContent, EventVerifier, SIGNATURE_HEADER};
///
/// /// Give it the header of the name `SIGNATURE_HEADER` and the body as it came,
/// /// not parsed and put together again; it gives the status to answer.
/// fn receive(verifier: &EventVerifier, signature: Option<&str>, body: &[u8]) -> u16 {
///     match verifier.verify(signature, body) {
///         Ok(event) => {
///             if let EventContent::NamedVersionCreated(version) = &event.content {
///                 println!("new version {:?}", version.version_id);
///             }
///             204
///         }
///         Err(refused) => refused.status(),
///     }
/// }
///
/// let verifier = EventVerifier::new(&Secret::from("a secret of 32 characters or more"))?;
/// assert_eq!(receive(&verifier, Some("sha256=00"), b"{}"), 401);
/// # assert_eq!(SIGNATURE_HEADER, "Signature");
/// # Ok::<(), twinkit_itwin::Error>(())
/// ```
///
/// The platform takes an answer after more than five seconds for a failure and
/// sends the event again: answer first, work later. A signature holds no time, so
/// that a delivery that somebody recorded stays genuine for ever:
/// [`SeenMessages`](super::SeenMessages) tells repeats.
#[derive(Clone)]
pub struct EventVerifier(Vec<hmac::Key>);

impl EventVerifier {
    /// Takes deliveries that are signed with this secret.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is empty:
    /// everybody could sign with it.
    pub fn new(secret: &Secret) -> Result<Self, Error> {
        Self(Vec::new()).or(secret)
    }

    /// Takes those that are signed with another one, too: while a secret is
    /// replaced, or where several webhooks share an address.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn or(mut self, secret: &Secret) -> Result<Self, Error> {
        if secret.expose().trim().is_empty() {
            return Err(Error::configuration("the secret of a webhook is empty"));
        }
        self.0.push(key(secret));
        Ok(self)
    }

    /// Checks a delivery and reads it. `signature` is the value of the header
    /// [`SIGNATURE_HEADER`], `body` the body byte for byte.
    ///
    /// # Errors
    /// [`DeliveryError`]: what was not found genuine must not be acted upon, nor is
    /// it read.
    pub fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<Event, DeliveryError> {
        let signature = signature.ok_or(DeliveryError::Unsigned)?.trim();
        let (algorithm, digits) = signature.split_at_checked(ALGORITHM.len()).unwrap_or_default();
        if !algorithm.eq_ignore_ascii_case(ALGORITHM) {
            return Err(DeliveryError::OtherSignature);
        }
        let tag = bytes(digits).ok_or(DeliveryError::OtherSignature)?;
        // In constant time, per key.
        if !self.0.iter().any(|key| hmac::verify(key, body, &tag).is_ok()) {
            return Err(DeliveryError::NotGenuine);
        }
        Event::read(body).map_err(|error| DeliveryError::Unreadable { reason: error.to_string() })
    }
}

fn key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

/// The bytes that 64 hexadecimal digits stand for.
fn bytes(digits: &str) -> Option<[u8; LENGTH]> {
    if digits.len() != 2 * LENGTH || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut tag = [0; LENGTH];
    for (byte, pair) in tag.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(tag)
}

/// Why a delivery is not acted upon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// There is no signature.
    #[error("the delivery has no Signature header")]
    Unsigned,
    /// The signature has not the form of one: another algorithm, or no digits.
    #[error("the Signature header is not sha256= with 64 hexadecimal digits")]
    OtherSignature,
    /// The signature is not that of this body and any of the secrets.
    #[error(
        "the signature is not of this body and the webhook's secret; check that the body is \
         passed on byte for byte"
    )]
    NotGenuine,
    /// The delivery is genuine and has not the form of an event.
    #[error("the delivery is genuine and cannot be read: {reason}")]
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
}

impl DeliveryError {
    /// The status to answer: 401, or 400 for a genuine delivery that cannot be read.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unreadable { .. } => 400,
            _ => 401,
        }
    }
}

impl fmt::Debug for EventVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventVerifier").field("secrets", &self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"eventType":"x","messageId":"m-1","webhookId":"w","content":{}}"#;

    fn signed(secret: &str, body: &[u8]) -> String {
        let tag = hmac::sign(&key(&Secret::from(secret)), body);
        let digits: Vec<_> = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256={}", digits.concat())
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = b"what do ya want for nothing?";
        assert_eq!(signed("Jefe", body), format!("sha256={expected}"));
        let error = EventVerifier::new(&Secret::from("Jefe")).unwrap();
        let error = error.verify(Some(&format!("SHA256={}", expected.to_uppercase())), body);
        assert!(matches!(error, Err(DeliveryError::Unreadable { .. })), "genuine: {error:?}");
    }

    #[test]
    fn only_what_is_signed_with_a_known_secret_is_taken() {
        let verifier = EventVerifier::new(&Secret::from("old")).unwrap();
        let verifier = verifier.or(&Secret::from("new")).unwrap();
        for secret in ["old", "new"] {
            let event = verifier.verify(Some(&signed(secret, BODY)), BODY).unwrap();
            assert_eq!(event.message_id, "m-1");
        }
        let good = signed("new", BODY);
        let refused = |signature: Option<&str>, body: &[u8]| {
            let error = verifier.verify(signature, body).unwrap_err();
            assert_eq!(error.status(), 401);
            error
        };
        assert_eq!(refused(None, BODY), DeliveryError::Unsigned);
        assert_eq!(refused(Some(&signed("other", BODY)), BODY), DeliveryError::NotGenuine);
        let mut changed = BODY.to_vec();
        changed.push(b' ');
        assert_eq!(refused(Some(&good), &changed), DeliveryError::NotGenuine);
        let digits = good.strip_prefix("sha256=").unwrap();
        let short = digits.get(1..).unwrap();
        for odd in [
            "",
            "sha256=",
            digits,
            &format!("sha1={digits}"),
            &format!("sha256={digits}00"),
            &format!("sha256={short}"),
            &format!("sha256=+{short}"),
            "ähäähäähä",
        ] {
            assert_eq!(refused(Some(odd), BODY), DeliveryError::OtherSignature, "{odd}");
        }
    }

    #[test]
    fn an_empty_secret_is_refused() {
        for empty in ["", " \n"] {
            let error = EventVerifier::new(&Secret::from(empty)).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
            let one = EventVerifier::new(&Secret::from("one")).unwrap();
            assert!(one.or(&Secret::from(empty)).is_err());
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let verifier = EventVerifier::new(&Secret::from("canary")).unwrap();
        assert!(!format!("{verifier:?}").contains("canary"));
    }
}
