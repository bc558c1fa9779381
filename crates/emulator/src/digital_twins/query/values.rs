//! How values compare, for queries and event-route filters alike.
//!
//! An answer of `None` is "cannot be told": one side is missing, or the two are
//! of different types. Such a comparison holds neither plainly nor negated.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::digital_twins) enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

impl Comparison {
    /// Compares two values: numbers by value, strings by code points, booleans
    /// for equality only; anything else cannot be told.
    pub(in crate::digital_twins) fn holds(self, left: &Value, right: &Value) -> Option<bool> {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => numbers(left, right)?,
            (Value::String(left), Value::String(right)) => left.cmp(right),
            (Value::Bool(left), Value::Bool(right)) => match self {
                Self::Equal | Self::NotEqual => left.cmp(right),
                _ => return None,
            },
            _ => return None,
        };
        Some(match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::Greater => order.is_gt(),
            Self::LessOrEqual => order.is_le(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }
}

fn numbers(left: &Number, right: &Number) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return Some(left.cmp(&right));
    }
    left.as_f64()?.partial_cmp(&right.as_f64()?)
}

/// A test of one string against another, case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::digital_twins) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

impl TextTest {
    /// Tests two values; what is not a string cannot be told.
    pub(in crate::digital_twins) fn holds(self, text: &Value, part: &Value) -> Option<bool> {
        let (text, part) = (text.as_str()?, part.as_str()?);
        Some(match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
        })
    }
}

/// `AND` over answers that may not be tellable.
pub(in crate::digital_twins) fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// `OR` over answers that may not be tellable.
pub(in crate::digital_twins) fn any(
    mut answers: impl Iterator<Item = Option<bool>>,
) -> Option<bool> {
    all(answers.by_ref().map(not)).map(|none| !none)
}

/// `NOT` of an answer that may not be tellable.
pub(in crate::digital_twins) fn not(answer: Option<bool>) -> Option<bool> {
    answer.map(|answer| !answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_compare_by_value_whatever_their_kind() {
        let cases = [
            (json!(1), Comparison::Equal, json!(1.0), Some(true)),
            (json!(-1), Comparison::Less, json!(0.5), Some(true)),
            (
                json!(9_007_199_254_740_993_i64),
                Comparison::Equal,
                json!(9_007_199_254_740_992_i64),
                Some(false),
            ),
            (json!(2), Comparison::GreaterOrEqual, json!(2), Some(true)),
            (json!(2), Comparison::NotEqual, json!(2), Some(false)),
        ];
        for (left, comparison, right, expected) in cases {
            assert_eq!(comparison.holds(&left, &right), expected, "{left} {comparison:?} {right}");
        }
    }

    #[test]
    fn types_do_not_mix() {
        for (left, right) in [
            (json!("1"), json!(1)),
            (json!(null), json!(null)),
            (json!({"a": 1}), json!({"a": 1})),
            (json!([1]), json!([1])),
            (json!(true), json!(1)),
        ] {
            assert_eq!(Comparison::Equal.holds(&left, &right), None);
            assert_eq!(Comparison::NotEqual.holds(&left, &right), None);
        }
        assert_eq!(Comparison::Less.holds(&json!(false), &json!(true)), None);
        assert_eq!(Comparison::NotEqual.holds(&json!(false), &json!(true)), Some(true));
    }

    #[test]
    fn three_valued_logic() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(all([yes, None, no].into_iter()), no);
        assert_eq!(all([yes, None].into_iter()), None);
        assert_eq!(all([yes, yes].into_iter()), yes);
        assert_eq!(any([no, None, yes].into_iter()), yes);
        assert_eq!(any([no, None].into_iter()), None);
        assert_eq!(any([no, no].into_iter()), no);
        assert_eq!(not(None), None);
    }
}
