//! The id under which a message is sent, the same for every attempt of one
//! call. It must not know which operations send messages.

use std::fmt;

use reqwest::header::HeaderValue;

use crate::InvalidHeaderText;

/// Identifies one message, so that a receiver can tell a repeat from a new
/// one. Made at random where the caller gives none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// A new random id (UUID version 4).
    #[must_use]
    pub fn random() -> Self {
        Self(twinkit_http::random::uuid())
    }

    /// The id as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MessageId {
    type Error = InvalidHeaderText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        InvalidHeaderText::check("message id", &text)?;
        Ok(Self(text))
    }
}

impl TryFrom<&str> for MessageId {
    type Error = InvalidHeaderText;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

impl std::str::FromStr for MessageId {
    type Err = InvalidHeaderText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text)
    }
}

impl TryFrom<&MessageId> for HeaderValue {
    type Error = reqwest::header::InvalidHeaderValue;

    fn try_from(id: &MessageId) -> Result<Self, Self::Error> {
        HeaderValue::from_str(&id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_differ_and_can_be_sent() {
        let (one, two) = (MessageId::random(), MessageId::random());
        assert_ne!(one, two);
        assert_eq!(HeaderValue::try_from(&one).unwrap(), one.as_str());
        assert_eq!("msg 1".parse::<MessageId>().unwrap().to_string(), "msg 1");
    }

    #[test]
    fn what_no_header_can_carry_is_refused() {
        for text in ["", "a\nb", "ä"] {
            assert!(MessageId::try_from(text).is_err(), "{text:?}");
        }
    }
}
