//! The language of the `filter` of a device group.
//!
//! Names with a dollar sign are the device's own: `$id`, `$displayName`,
//! `$template`, `$provisioned`, `$simulated`. Others are properties, `component.name`
//! those of a component.

use super::{Comparison, Condition};
use crate::iot_central::syntax::{Cursor, Fault, Kind};

const OWN: [&str; 5] = ["$id", "$displayName", "$template", "$provisioned", "$simulated"];

/// Reads a filter; without `WHERE` it has no condition and means all devices.
pub(in crate::iot_central) fn parse(text: &str) -> Result<Option<Condition>, Fault> {
    let mut cursor = Cursor::new(text)?;
    cursor.expect_keyword("SELECT")?;
    cursor.expect_symbol("*")?;
    cursor.expect_keyword("FROM")?;
    cursor.expect_keyword("devices")?;
    if cursor.kind() == &Kind::End {
        return Ok(None);
    }
    cursor.expect_keyword("WHERE")?;
    let condition = Condition::read(&mut cursor, &test)?;
    cursor.end()?;
    Ok(Some(condition))
}

fn test(cursor: &mut Cursor<'_>) -> Result<Condition, Fault> {
    if cursor.function("CONTAINS") {
        let name = name(cursor)?;
        cursor.expect_symbol(",")?;
        let text = cursor.string()?;
        cursor.expect_symbol(")")?;
        return Ok(Condition::Contains { name, text });
    }
    let name = name(cursor)?;
    if cursor.keyword("CONTAINS") {
        return Ok(Condition::Contains { name, text: cursor.string()? });
    }
    let comparison = comparison(cursor)?;
    Ok(Condition::Compare { name, comparison, value: cursor.value()? })
}

fn name(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let byte = cursor.byte();
    let name = cursor.word("a name")?;
    if name.starts_with('$') && !OWN.contains(&name.as_str()) {
        return Err(cursor.fault_at(byte, format!("{name:?} is none of {}", OWN.join(", "))));
    }
    Ok(name)
}

/// Equality is documented; the order of values is taken too (our choice).
pub(in crate::iot_central) fn comparison(cursor: &mut Cursor<'_>) -> Result<Comparison, Fault> {
    let known = [
        ("=", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<>", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let found = known.into_iter().find(|(symbol, _)| cursor.symbol(symbol));
    found.map(|(_, comparison)| comparison).ok_or_else(|| cursor.unexpected("a comparison"))
}
