//! Reads the limits a schema sets on values, in one form for both sides.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::node::Node;
use crate::document::Problem;
use crate::openapi::LIMITS;

/// The limits at `node` by keyword.
pub fn read(node: &Node<'_>) -> Result<BTreeMap<String, Value>, Problem> {
    let mut limits = BTreeMap::new();
    for word in LIMITS {
        let Some(limit) = node.get(word) else { continue };
        let fits = match word {
            "pattern" => limit.value.is_string(),
            "uniqueItems" => limit.value.is_boolean(),
            // A flag beside `minimum` before OpenAPI 3.1, a number since.
            "exclusiveMinimum" | "exclusiveMaximum" => {
                limit.value.is_boolean() || limit.value.is_number()
            }
            _ => limit.value.is_number(),
        };
        if !fits {
            let form = match word {
                "pattern" => "a regular expression in quotes",
                "uniqueItems" => "`true` or `false`",
                _ => "a number",
            };
            return Err(
                limit.problem(format!("`{word}` has no such value"), format!("write {form}"))
            );
        }
        let value = plain(limit.value);
        let limits_nothing = value == json!(false)
            || (["minLength", "minItems", "minProperties"].contains(&word) && value == json!(0));
        if !limits_nothing {
            limits.insert(word.to_owned(), value);
        }
    }
    Ok(limits)
}

/// A whole number is written without a fraction: 1.0 and 1 are the same limit.
fn plain(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
                .parse::<i64>()
                .map_or_else(|_| value.clone(), |whole| json!(whole))
        }
        _ => value.clone(),
    }
}
