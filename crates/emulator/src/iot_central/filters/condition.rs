//! A condition as read, and whether it holds.

use std::cmp::Ordering;

use serde_json::Value;

use crate::iot_central::syntax::{Cursor, Fault, MAX_DEPTH};

/// A tree of tests.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::iot_central) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Compare { name: String, comparison: Comparison, value: Value },
    Contains { name: String, text: String },
    IndexOf { name: String, text: String, comparison: Comparison, value: Value },
    OneOf { name: String, values: Vec<Value> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iot_central) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Whether it holds between two values.
    pub(in crate::iot_central) fn holds(self, left: &Value, right: &Value) -> bool {
        let is = |wanted: fn(Ordering) -> bool| order(left, right).is_some_and(wanted);
        match self {
            Self::Equal => equal(left, right),
            Self::NotEqual => !equal(left, right),
            Self::Less => is(Ordering::is_lt),
            Self::LessOrEqual => is(Ordering::is_le),
            Self::Greater => is(Ordering::is_gt),
            Self::GreaterOrEqual => is(Ordering::is_ge),
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match left {
        Value::Array(entries) => entries.iter().any(|entry| equal(entry, right)),
        Value::Number(_) => order(left, right) == Some(Ordering::Equal),
        _ => left == right,
    }
}

/// The order of two numbers or two texts.
pub(in crate::iot_central) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        _ => None,
    }
}

impl Condition {
    /// Whether it holds, where `lookup` says what a name stands for; what is not
    /// there is null.
    pub(in crate::iot_central) fn holds(&self, lookup: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::And(members) => members.iter().all(|member| member.holds(lookup)),
            Self::Or(members) => members.iter().any(|member| member.holds(lookup)),
            Self::Compare { name, comparison, value } => comparison.holds(&lookup(name), value),
            Self::Contains { name, text } => place_of(&lookup(name), text).is_some(),
            Self::IndexOf { name, text, comparison, value } => {
                let place = place_of(&lookup(name), text);
                let place = place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
                comparison.holds(&place.into(), value)
            }
            Self::OneOf { name, values } => {
                let found = lookup(name);
                values.iter().any(|value| equal(&found, value))
            }
        }
    }

    /// How many tests there are.
    pub(in crate::iot_central) fn tests(&self) -> usize {
        match self {
            Self::And(members) | Self::Or(members) => members.iter().map(Self::tests).sum(),
            _ => 1,
        }
    }

    /// Reads tests joined by `AND` and `OR`, with parentheses; `OR` binds less.
    pub(in crate::iot_central) fn read<'t>(
        cursor: &mut Cursor<'t>,
        test: &dyn Fn(&mut Cursor<'t>) -> Result<Self, Fault>,
    ) -> Result<Self, Fault> {
        Self::alternatives(cursor, test, 0)
    }

    fn alternatives<'t>(
        cursor: &mut Cursor<'t>,
        test: &dyn Fn(&mut Cursor<'t>) -> Result<Self, Fault>,
        depth: usize,
    ) -> Result<Self, Fault> {
        let mut members = vec![Self::conjunction(cursor, test, depth)?];
        while cursor.keyword("or") {
            members.push(Self::conjunction(cursor, test, depth)?);
        }
        Ok(joined(members, Self::Or))
    }

    fn conjunction<'t>(
        cursor: &mut Cursor<'t>,
        test: &dyn Fn(&mut Cursor<'t>) -> Result<Self, Fault>,
        depth: usize,
    ) -> Result<Self, Fault> {
        let mut members = vec![Self::member(cursor, test, depth)?];
        while cursor.keyword("and") {
            members.push(Self::member(cursor, test, depth)?);
        }
        Ok(joined(members, Self::And))
    }

    fn member<'t>(
        cursor: &mut Cursor<'t>,
        test: &dyn Fn(&mut Cursor<'t>) -> Result<Self, Fault>,
        depth: usize,
    ) -> Result<Self, Fault> {
        if !cursor.symbol("(") {
            return test(cursor);
        }
        if depth >= MAX_DEPTH {
            return Err(cursor.fault(format!("parentheses nest deeper than {MAX_DEPTH} levels")));
        }
        let inner = Self::alternatives(cursor, test, depth + 1)?;
        cursor.expect_symbol(")")?;
        Ok(inner)
    }
}

/// A single member stands for itself.
fn joined(mut members: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        last => {
            members.extend(last);
            many(members)
        }
    }
}

/// Where a part begins in a text, in characters.
fn place_of(value: &Value, part: &str) -> Option<usize> {
    let text = value.as_str()?;
    let before = text.get(..text.find(part)?)?;
    Some(before.chars().count())
}
