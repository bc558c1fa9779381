//! Entity tags and the conditions made of them (RFC 9110 sections 8.8.3, 13.1).
//! It must not know which operations take conditions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that cannot be sent as a header's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} must be visible ASCII text and not empty")]
pub struct InvalidHeaderText {
    what: &'static str,
}

impl InvalidHeaderText {
    pub(crate) fn check(what: &'static str, text: &str) -> Result<(), Self> {
        let sendable = !text.trim().is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'));
        if sendable { Ok(()) } else { Err(Self { what }) }
    }
}

/// An entity tag, byte for byte as the service sent it: weak mark and quotes
/// included. Send it back unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// The tag as on the wire, such as `W/"9e2c"`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is marked as weak (`W/`).
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.0.starts_with("W/")
    }

    /// Weak comparison: whether both stand for the same state, marks aside.
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque() == other.opaque()
    }

    fn opaque(&self) -> &str {
        self.0.strip_prefix("W/").unwrap_or(&self.0)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ETag {
    type Error = InvalidHeaderText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        InvalidHeaderText::check("entity tag", &text)?;
        Ok(Self(text))
    }
}

impl TryFrom<&str> for ETag {
    type Error = InvalidHeaderText;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

impl FromStr for ETag {
    type Err = InvalidHeaderText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text)
    }
}

impl Serialize for ETag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Any text is taken: what a service calls its tag is not refused here, only
/// when it is sent back.
impl<'de> Deserialize<'de> for ETag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// `If-Match`: do it only if the entity is still in this state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// In any state, as long as it exists (`*`).
    Any,
    /// In the state that this tag stands for.
    ETag(ETag),
}

impl fmt::Display for IfMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::ETag(tag) => tag.fmt(f),
        }
    }
}

impl From<ETag> for IfMatch {
    fn from(tag: ETag) -> Self {
        Self::ETag(tag)
    }
}

impl From<&ETag> for IfMatch {
    fn from(tag: &ETag) -> Self {
        Self::ETag(tag.clone())
    }
}

impl TryFrom<String> for IfMatch {
    type Error = InvalidHeaderText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "*" { Ok(Self::Any) } else { ETag::try_from(text).map(Self::ETag) }
    }
}

impl TryFrom<&str> for IfMatch {
    type Error = InvalidHeaderText;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

/// `If-None-Match`: do it only if the entity does not exist yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfNoneMatch {
    /// No state at all (`*`).
    Any,
}

impl fmt::Display for IfNoneMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
        }
    }
}

/// The only condition that can be sent is `*`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("If-None-Match takes only \"*\" here: do it only if the entity does not exist")]
pub struct IfNoneMatchError(());

impl TryFrom<&str> for IfNoneMatch {
    type Error = IfNoneMatchError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        if text == "*" { Ok(Self::Any) } else { Err(IfNoneMatchError(())) }
    }
}

impl TryFrom<String> for IfNoneMatch {
    type Error = IfNoneMatchError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::try_from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_keep_their_text_and_know_weakness() {
        let weak: ETag = "W/\"a\"".parse().unwrap();
        let strong: ETag = "\"a\"".parse().unwrap();
        assert_eq!(weak.to_string(), "W/\"a\"");
        assert!(weak.is_weak() && !strong.is_weak());
        assert!(weak.weak_eq(&strong));
        assert_ne!(weak, strong);
        let from_body: ETag = serde_json::from_str(r#""W/\"a\"""#).unwrap();
        assert_eq!(from_body, weak);
        assert_eq!(serde_json::to_string(&weak).unwrap(), r#""W/\"a\"""#);
    }

    #[test]
    fn unsendable_texts_are_refused() {
        for text in ["", " ", "a\r\nHost: evil", "ä"] {
            assert!(ETag::try_from(text).is_err(), "{text:?}");
        }
        assert!(IfNoneMatch::try_from("W/\"a\"").is_err());
    }

    #[test]
    fn conditions_are_made_of_tags_and_stars() {
        assert_eq!(IfMatch::try_from("*").unwrap(), IfMatch::Any);
        let tag: ETag = "W/\"a\"".parse().unwrap();
        assert_eq!(IfMatch::try_from("W/\"a\"").unwrap(), IfMatch::from(&tag));
        assert_eq!(IfMatch::from(tag).to_string(), "W/\"a\"");
        assert_eq!(IfNoneMatch::try_from("*").unwrap().to_string(), "*");
    }
}
