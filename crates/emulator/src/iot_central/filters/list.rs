//! The language of the `filter` parameter of lists.

use super::{Comparison, Condition};
use crate::iot_central::syntax::{Cursor, Fault};

const COMPARISONS: [(&str, Comparison); 6] = [
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("lt", Comparison::Less),
    ("le", Comparison::LessOrEqual),
    ("gt", Comparison::Greater),
    ("ge", Comparison::GreaterOrEqual),
];

/// Reads a filter over these fields.
pub(in crate::iot_central) fn parse(text: &str, fields: &[&str]) -> Result<Condition, Fault> {
    let mut cursor = Cursor::new(text)?;
    let condition = Condition::read(&mut cursor, &|cursor| test(cursor, fields))?;
    cursor.end()?;
    Ok(condition)
}

fn test(cursor: &mut Cursor<'_>, fields: &[&str]) -> Result<Condition, Fault> {
    if cursor.function("contains") {
        let (name, text) = arguments(cursor, fields)?;
        return Ok(Condition::Contains { name, text });
    }
    if cursor.function("indexof") {
        let (name, text) = arguments(cursor, fields)?;
        let Some(comparison) = comparison(cursor) else {
            return Ok(Condition::Contains { name, text });
        };
        let value = cursor.value()?;
        return Ok(Condition::IndexOf { name, text, comparison, value });
    }
    let name = field(cursor, fields)?;
    let comparison =
        comparison(cursor).ok_or_else(|| cursor.unexpected("one of eq, ne, lt, le, gt, ge"))?;
    let value = cursor.value()?;
    Ok(Condition::Compare { name, comparison, value })
}

fn arguments(cursor: &mut Cursor<'_>, fields: &[&str]) -> Result<(String, String), Fault> {
    let name = field(cursor, fields)?;
    cursor.expect_symbol(",")?;
    let text = cursor.string()?;
    cursor.expect_symbol(")")?;
    Ok((name, text))
}

fn field(cursor: &mut Cursor<'_>, fields: &[&str]) -> Result<String, Fault> {
    let byte = cursor.byte();
    let name = cursor.word("a field")?;
    if fields.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(cursor.fault_at(byte, format!("{name:?} is none of the fields {}", fields.join(", "))))
}

fn comparison(cursor: &mut Cursor<'_>) -> Option<Comparison> {
    let (_, comparison) = COMPARISONS.into_iter().find(|(word, _)| cursor.keyword(word))?;
    Some(comparison)
}
