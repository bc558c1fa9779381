//! A filter as read.

use serde_json::Value;

use crate::digital_twins::query::values::{Comparison, TextTest};

/// A condition tree over operands, resolved ones unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition<O = Operand> {
    And(Vec<Condition<O>>),
    Or(Vec<Condition<O>>),
    Not(Box<Condition<O>>),
    Constant(bool),
    Compare { left: O, comparison: Comparison, right: O },
    Text { test: TextTest, text: O, part: O },
}

impl<O> Condition<O> {
    /// The same tree with each operand replaced; stops at the first failure.
    pub(super) fn try_map<P, E>(self, f: &impl Fn(O) -> Result<P, E>) -> Result<Condition<P>, E> {
        let all = |members: Vec<Self>| {
            members.into_iter().map(|member| member.try_map(f)).collect::<Result<Vec<_>, E>>()
        };
        Ok(match self {
            Self::And(members) => Condition::And(all(members)?),
            Self::Or(members) => Condition::Or(all(members)?),
            Self::Not(inner) => Condition::Not(Box::new(inner.try_map(f)?)),
            Self::Constant(value) => Condition::Constant(value),
            Self::Compare { left, comparison, right } => {
                Condition::Compare { left: f(left)?, comparison, right: f(right)? }
            }
            Self::Text { test, text, part } => {
                Condition::Text { test, text: f(text)?, part: f(part)? }
            }
        })
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    Attribute(Attribute),
    /// A path into the body; never empty.
    Body(Vec<String>),
}

/// An attribute of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Type,
    /// The older name of `type`, which older filters compare with classes of
    /// notifications.
    EventType,
    Source,
    Subject,
    DataSchema,
    DataContentType,
    SpecVersion,
}

impl Attribute {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "type" => Self::Type,
            "$eventType" => Self::EventType,
            "source" => Self::Source,
            "subject" => Self::Subject,
            "dataschema" => Self::DataSchema,
            "datacontenttype" => Self::DataContentType,
            "specversion" => Self::SpecVersion,
            _ => return None,
        })
    }
}
