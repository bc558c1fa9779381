//! One member of a merge patch (RFC 7396). The patches themselves are
//! generated: it must not know any resource.

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Secret, finite};

/// What a merge patch does to one member: nothing, take it away, or set it.
/// On the wire these are: absent, null, a value.
///
/// ```
/// use twinkit_runtime::Change;
///
/// assert_eq!(Change::from(true), Change::Set(true));
/// assert_eq!(Change::from(Some(1)), Change::Set(1));
/// assert_eq!(Change::<u8>::from(None), Change::Remove);
/// assert_eq!(Change::<String>::default(), Change::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leaves the member as it is.
    #[default]
    Keep,
    /// Takes the member away.
    Remove,
    /// Sets the member.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the member stays as it is.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The new value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }
}

impl<T> From<T> for Change<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// `None` takes the member away.
impl<T> From<Option<T>> for Change<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Remove, Self::Set)
    }
}

impl From<&str> for Change<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl From<&str> for Change<Secret> {
    fn from(value: &str) -> Self {
        Self::Set(value.into())
    }
}

/// The value, or null. A number that is not finite is refused: null in its place would
/// take the member away. What is kept has no form of its own: its member is left
/// out (`skip_serializing_if = "Change::is_keep"`).
impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What a value holds checks itself; a bare number would become null.
        self.value().map_or(Ok(()), finite::check_alone).map_err(S::Error::custom)?;
        self.value().serialize(serializer)
    }
}

/// Null takes away; what is absent is for the container to default.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Patch {
        #[serde(skip_serializing_if = "Change::is_keep")]
        name: Change<String>,
        #[serde(skip_serializing_if = "Change::is_keep")]
        count: Change<u8>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        for (text, patch) in [
            ("{}", Patch::default()),
            (r#"{"name":null}"#, Patch { name: Change::Remove, ..Patch::default() }),
            (r#"{"name":"a","count":0}"#, Patch { name: "a".into(), count: 0.into() }),
        ] {
            assert_eq!(serde_json::to_string(&patch).unwrap(), text);
            assert_eq!(serde_json::from_str::<Patch>(text).unwrap(), patch);
        }
        assert!(serde_json::from_str::<Patch>(r#"{"count":"x"}"#).is_err());
    }

    #[test]
    fn a_number_without_a_form_takes_nothing_away() {
        for number in [f64::NAN, f64::INFINITY] {
            let error = serde_json::to_string(&Change::Set(number)).unwrap_err();
            assert!(error.to_string().contains("not a number in JSON"), "{error}");
        }
        assert_eq!(serde_json::to_string(&Change::Set(0.5)).unwrap(), "0.5");
    }

    #[test]
    fn values_can_be_asked_for() {
        assert_eq!(Change::Set(1).value(), Some(&1));
        assert!(Change::<u8>::Remove.value().is_none() && !Change::<u8>::Remove.is_keep());
        assert_eq!(Change::<Secret>::from("key").value().unwrap().expose(), "key");
    }
}
