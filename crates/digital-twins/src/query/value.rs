//! The values that can stand in a query. It must not know query text.

use crate::{ModelId, RelationshipId, Timestamp, TwinId};

/// A literal of the query language: string, number, boolean, or a list of
/// these for `IN` and `NIN`. Made by `From` from the Rust types one would
/// expect.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum QueryValue {
    /// A string; escaping is done when it is bound.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number; must be finite.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A list of the other kinds; must not be empty.
    List(Vec<QueryValue>),
}

impl From<&str> for QueryValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for QueryValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&String> for QueryValue {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

impl From<&TwinId> for QueryValue {
    fn from(id: &TwinId) -> Self {
        Self::String(id.as_str().to_owned())
    }
}

impl From<TwinId> for QueryValue {
    fn from(id: TwinId) -> Self {
        Self::String(id.into())
    }
}

impl From<&ModelId> for QueryValue {
    fn from(id: &ModelId) -> Self {
        Self::String(id.as_str().to_owned())
    }
}

impl From<ModelId> for QueryValue {
    fn from(id: ModelId) -> Self {
        Self::String(id.into())
    }
}

impl From<&RelationshipId> for QueryValue {
    fn from(id: &RelationshipId) -> Self {
        Self::String(id.as_str().to_owned())
    }
}

impl From<RelationshipId> for QueryValue {
    fn from(id: RelationshipId) -> Self {
        Self::String(id.into())
    }
}

/// As a string, which is how the service keeps points in time.
impl From<&Timestamp> for QueryValue {
    fn from(time: &Timestamp) -> Self {
        Self::String(time.as_str().to_owned())
    }
}

impl From<i64> for QueryValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for QueryValue {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u32> for QueryValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

/// A number that no `i64` holds becomes a floating-point one.
impl From<u64> for QueryValue {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Number(number as f64), Self::Integer)
    }
}

impl From<usize> for QueryValue {
    fn from(number: usize) -> Self {
        (number as u64).into()
    }
}

impl From<f32> for QueryValue {
    fn from(number: f32) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for QueryValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for QueryValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl<T: Into<QueryValue>> From<Vec<T>> for QueryValue {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<QueryValue> + Clone> From<&[T]> for QueryValue {
    fn from(items: &[T]) -> Self {
        Self::List(items.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<QueryValue>, const N: usize> From<[T; N]> for QueryValue {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
