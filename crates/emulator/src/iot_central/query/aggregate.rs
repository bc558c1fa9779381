//! Many messages into one row: all of them, or those of each window of time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    ast::{Function, Query},
    parser::time,
    rows::Sent,
};
use crate::iot_central::{filters::order, state::Document};

/// What is aggregated where the query says no window of time.
const DEFAULT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The rows of messages that come newest first, again newest first.
pub(super) fn rows(
    query: &Query,
    messages: &[Sent<'_>],
    value: &dyn Fn(&Sent<'_>, &str) -> Value,
    now: Timestamp,
) -> Vec<Document> {
    let since = now.saturating_sub(DEFAULT).unwrap_or(Timestamp::MIN);
    let from = query.from.unwrap_or(since);
    let mut groups: BTreeMap<Timestamp, Vec<&Sent<'_>>> = BTreeMap::new();
    // Oldest first, as FIRST and LAST go by time.
    for sent in messages.iter().rev().filter(|sent| sent.message.at >= from) {
        let start = query.window.map_or(from, |length| start_of(sent.message.at, length));
        groups.entry(start).or_default().push(sent);
    }
    let row = |(start, group): (Timestamp, Vec<&Sent<'_>>)| {
        let mut row = Document::new();
        row.insert("$ts".to_owned(), time(start));
        for item in &query.items {
            let Some(function) = item.function else {
                row.insert(item.key(), time(start));
                continue;
            };
            let values: Vec<Value> = group
                .iter()
                .map(|sent| value(sent, &item.name))
                .filter(|value| !value.is_null())
                .collect();
            row.insert(item.key(), aggregate(function, &values));
        }
        row
    };
    groups.into_iter().rev().map(row).collect()
}

/// The start of the window that a time is in.
fn start_of(at: Timestamp, length: SignedDuration) -> Timestamp {
    let (at_nanos, length) = (at.as_nanosecond(), length.as_nanos());
    let start = at_nanos.checked_rem_euclid(length).map(|rest| at_nanos - rest);
    start.and_then(|start| Timestamp::from_nanosecond(start).ok()).unwrap_or(at)
}

/// Sums and means are of numbers, extremes of what has an order.
fn aggregate(function: Function, values: &[Value]) -> Value {
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    let extreme = |wanted: fn(std::cmp::Ordering) -> bool| {
        let better = |best: &Value, next: &Value| order(next, best).is_some_and(wanted);
        let best = values.iter().reduce(|best, next| if better(best, next) { next } else { best });
        best.cloned().unwrap_or_default()
    };
    match function {
        Function::Count => values.len().into(),
        Function::First => values.first().cloned().unwrap_or_default(),
        Function::Last => values.last().cloned().unwrap_or_default(),
        Function::Min => extreme(std::cmp::Ordering::is_lt),
        Function::Max => extreme(std::cmp::Ordering::is_gt),
        Function::Sum if numbers.is_empty() => Value::Null,
        Function::Avg if numbers.is_empty() => Value::Null,
        Function::Sum => numbers.iter().sum::<f64>().into(),
        Function::Avg => {
            let count = u32::try_from(numbers.len()).map_or(f64::MAX, f64::from);
            (numbers.iter().sum::<f64>() / count).into()
        }
    }
}
