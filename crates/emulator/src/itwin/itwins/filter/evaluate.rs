//! Whether a condition holds for an iTwin.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::{Comparison, Condition, Operand, TextTest};
use crate::itwin::state::Document;

pub(super) fn holds(condition: &Condition, itwin: &Document) -> bool {
    match condition {
        Condition::Any(parts) => parts.iter().any(|part| holds(part, itwin)),
        Condition::All(parts) => parts.iter().all(|part| holds(part, itwin)),
        Condition::Not(part) => !holds(part, itwin),
        Condition::Compare(left, comparison, right) => {
            compares(&value(left, itwin), *comparison, &value(right, itwin))
        }
        Condition::In(operand, values) => {
            let found = value(operand, itwin);
            values.iter().any(|value| is_equal(&found, value))
        }
        Condition::Text(test, text, part) => {
            let (text, part) = (value(text, itwin), value(part, itwin));
            let (Some(text), Some(part)) = (text.as_str(), part.as_str()) else { return false };
            match test {
                TextTest::Contains => text.contains(part),
                TextTest::StartsWith => text.starts_with(part),
                TextTest::EndsWith => text.ends_with(part),
            }
        }
    }
}

fn value(operand: &Operand, itwin: &Document) -> Value {
    let cased = |inner: &Operand, case: fn(&str) -> String| match value(inner, itwin) {
        Value::String(text) => case(&text).into(),
        other => other,
    };
    match operand {
        Operand::Member(name) => itwin.get(*name).cloned().unwrap_or(Value::Null),
        Operand::Literal(value) => value.clone(),
        Operand::Lower(inner) => cased(inner, str::to_lowercase),
        Operand::Upper(inner) => cased(inner, str::to_uppercase),
    }
}

fn compares(left: &Value, comparison: Comparison, right: &Value) -> bool {
    let ordered = |fits: fn(Ordering) -> bool| order(left, right).is_some_and(fits);
    match comparison {
        Comparison::Equal => is_equal(left, right),
        Comparison::NotEqual => !is_equal(left, right),
        Comparison::Greater => ordered(Ordering::is_gt),
        Comparison::GreaterOrEqual => ordered(Ordering::is_ge),
        Comparison::Less => ordered(Ordering::is_lt),
        Comparison::LessOrEqual => ordered(Ordering::is_le),
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    (left.is_null() && right.is_null()) || order(left, right).is_some_and(Ordering::is_eq)
}

/// How two values of one kind stand to each other; null to none.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::String(one), Value::String(other)) => {
            let moments = (one.parse::<Timestamp>(), other.parse::<Timestamp>());
            match moments {
                (Ok(one), Ok(other)) => Some(one.cmp(&other)),
                _ => Some(one.cmp(other)),
            }
        }
        _ => None,
    }
}

/// The order of two values in a sorted list; null comes first.
pub(in crate::itwin::itwins) fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    let is_null = |value: Option<&Value>| value.is_none_or(Value::is_null);
    match (is_null(left), is_null(right)) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => {
            left.zip(right).and_then(|(left, right)| order(left, right)).unwrap_or(Ordering::Equal)
        }
    }
}
