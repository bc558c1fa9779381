//! Text into a query.

use std::cell::{Cell, RefCell};

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::Value;

use super::ast::{Function, Item, Order, Query, Use};
use crate::iot_central::{
    filters::{Comparison, Condition, comparison},
    syntax::{Cursor, Fault, Kind},
};

const CHARACTERS: usize = 350;
const ITEMS: usize = 15;
const OPERATORS: usize = 10;

/// What the tests of a condition leave behind.
#[derive(Default)]
struct Noted {
    uses: RefCell<Vec<Use>>,
    from: Cell<Option<Timestamp>>,
    operators: Cell<usize>,
}

pub(super) fn parse(text: &str, now: Timestamp) -> Result<Query, Fault> {
    if text.chars().count() > CHARACTERS {
        return Err(Fault::new(text, 0, format!("it has more than {CHARACTERS} characters")));
    }
    let mut cursor = Cursor::new(text)?;
    let cursor = &mut cursor;
    cursor.expect_keyword("SELECT")?;
    let top_byte = cursor.byte();
    let top = if cursor.keyword("TOP") { Some(count(cursor)?) } else { None };
    let mut items = vec![item(cursor)?];
    while cursor.symbol(",") {
        if items.len() >= ITEMS {
            return Err(cursor.fault(format!("more than {ITEMS} items are selected")));
        }
        items.push(item(cursor)?);
    }
    cursor.expect_keyword("FROM")?;
    let template_byte = cursor.byte();
    let template = match cursor.kind() {
        Kind::Text(_) => cursor.string()?,
        _ => cursor.word("a template")?,
    };
    let noted = Noted::default();
    let condition = match cursor.keyword("WHERE") {
        true => Some(Condition::read(cursor, &|cursor| test(cursor, &noted, now))?),
        false => None,
    };
    let window = if cursor.keyword("GROUP") { Some(window(cursor)?) } else { None };
    let order = if cursor.keyword("ORDER") { Some(order(cursor)?) } else { None };
    cursor.end()?;
    Ok(Query {
        top,
        top_byte,
        items,
        template,
        template_byte,
        condition,
        uses: noted.uses.into_inner(),
        from: noted.from.get(),
        window,
        order,
    })
}

fn count(cursor: &mut Cursor<'_>) -> Result<usize, Fault> {
    let Kind::Number(number) = cursor.kind() else {
        return Err(cursor.unexpected("a number of rows"));
    };
    let count = number.as_u64().and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| *count > 0);
    let count = count.ok_or_else(|| cursor.unexpected("a number of rows"))?;
    cursor.step();
    Ok(count)
}

fn item(cursor: &mut Cursor<'_>) -> Result<Item, Fault> {
    let (function, name, byte) = operand(cursor)?;
    let alias = if cursor.keyword("AS") { Some(cursor.word("an alias")?) } else { None };
    Ok(Item::new(function, name, byte, alias))
}

/// A name, or a function of one.
fn operand(cursor: &mut Cursor<'_>) -> Result<(Option<Function>, String, usize), Fault> {
    let function = Function::ALL.into_iter().find(|function| cursor.function(function.word()));
    let byte = cursor.byte();
    let name = cursor.word("a name")?;
    if function.is_some() {
        cursor.expect_symbol(")")?;
    }
    Ok((function, name, byte))
}

fn test(cursor: &mut Cursor<'_>, noted: &Noted, now: Timestamp) -> Result<Condition, Fault> {
    noted.operators.set(noted.operators.get() + 1);
    if noted.operators.get() > OPERATORS {
        return Err(cursor.fault(format!("the condition has more than {OPERATORS} operators")));
    }
    if cursor.function("WITHIN_WINDOW") {
        return within(cursor, noted, now);
    }
    let byte = cursor.byte();
    let name = cursor.word("a name")?;
    let is_in = cursor.keyword("IN");
    noted.uses.borrow_mut().push(Use { name: name.clone(), byte, is_in });
    if !is_in {
        let comparison = comparison(cursor)?;
        return Ok(Condition::Compare { name, comparison, value: cursor.value()? });
    }
    cursor.expect_symbol("[")?;
    let mut values = vec![cursor.value()?];
    while cursor.symbol(",") {
        values.push(cursor.value()?);
    }
    cursor.expect_symbol("]")?;
    Ok(Condition::OneOf { name, values })
}

/// `P1D)` until now, or `'from/to')`: a condition on the time of the message.
fn within(cursor: &mut Cursor<'_>, noted: &Noted, now: Timestamp) -> Result<Condition, Fault> {
    let byte = cursor.byte();
    let (from, to) = if let Kind::Text(_) = cursor.kind() {
        let text = cursor.string()?;
        let times = text.split_once('/').and_then(|(from, to)| {
            Some((from.parse::<Timestamp>().ok()?, to.parse::<Timestamp>().ok()?))
        });
        times.ok_or_else(|| cursor.fault_at(byte, "two times with a / between are expected"))?
    } else {
        let length = duration(cursor)?;
        (now.saturating_sub(length).unwrap_or(Timestamp::MIN), now)
    };
    cursor.expect_symbol(")")?;
    noted.uses.borrow_mut().push(Use { name: "$ts".to_owned(), byte, is_in: false });
    let earlier = noted.from.get().map_or(from, |other| other.min(from));
    noted.from.set(Some(earlier));
    let bound = |comparison, at: Timestamp| Condition::Compare {
        name: "$ts".to_owned(),
        comparison,
        value: time(at),
    };
    Ok(Condition::And(vec![
        bound(Comparison::GreaterOrEqual, from),
        bound(Comparison::LessOrEqual, to),
    ]))
}

/// A time as results show it. Such texts have the order of the times.
pub(super) fn time(at: Timestamp) -> Value {
    format!("{at:.3}").into()
}

fn duration(cursor: &mut Cursor<'_>) -> Result<SignedDuration, Fault> {
    let byte = cursor.byte();
    let text = match cursor.kind() {
        Kind::Text(_) => cursor.string()?,
        _ => cursor.word("a duration")?,
    };
    let span = text.parse::<Span>().ok().filter(|_| text.starts_with(['P', 'p']));
    let length = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    length
        .filter(SignedDuration::is_positive)
        .ok_or_else(|| cursor.fault_at(byte, "a duration such as PT1H or P1D is expected"))
}

/// What stands behind `GROUP`.
fn window(cursor: &mut Cursor<'_>) -> Result<SignedDuration, Fault> {
    cursor.expect_keyword("BY")?;
    if !cursor.function("WINDOW") {
        return Err(cursor.unexpected("WINDOW("));
    }
    let length = duration(cursor)?;
    cursor.expect_symbol(")")?;
    Ok(length)
}

/// What stands behind `ORDER`.
fn order(cursor: &mut Cursor<'_>) -> Result<Order, Fault> {
    cursor.expect_keyword("BY")?;
    let byte = cursor.byte();
    let (function, name, name_byte) = operand(cursor)?;
    let key = Item::new(function, name, name_byte, None).key();
    let descending = cursor.keyword("DESC");
    if !descending {
        cursor.keyword("ASC");
    }
    Ok(Order { key, byte, descending })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iot_central::{query::check, state::State};

    proptest! {
        #[test]
        fn no_text_brings_the_reader_down(text in ".*", end in ".*") {
            for text in [text.clone(), format!("SELECT a FROM b WHERE {text} GROUP BY {end}")] {
                if let Ok(query) = parse(&text, Timestamp::UNIX_EPOCH) {
                    let _ = check::check(&query, &text, &State::default());
                }
            }
        }
    }

    #[test]
    fn a_whole_query_is_read() {
        let text = "SELECT TOP 5 AVG(a.b) AS mean, $ts FROM dtmi:x:y;1 WHERE a.b > -1.5 AND \
                    (WITHIN_WINDOW(P1DT12H) OR $id IN ['d']) GROUP BY WINDOW(PT0.5H) ORDER BY \
                    mean DESC";
        let now: Timestamp = "2024-05-02T12:00:00Z".parse().unwrap();
        let query = parse(text, now).unwrap();
        assert_eq!((query.top, query.items.len()), (Some(5), 2));
        assert_eq!((query.items[0].key().as_str(), query.items[0].name.as_str()), ("mean", "a.b"));
        assert_eq!(query.template, "dtmi:x:y;1");
        assert_eq!(query.from, Some("2024-05-01T00:00:00Z".parse().unwrap()));
        assert_eq!(query.window, Some(SignedDuration::from_mins(30)));
        let uses: Vec<&str> = query.uses.iter().map(|each| each.name.as_str()).collect();
        assert_eq!(uses, ["a.b", "$ts", "$id"]);
        assert!(query.order.is_some_and(|order| order.key == "mean" && order.descending));
    }
}
