//! The rows of a query: messages or devices that meet the condition, aggregated
//! if it asks for that, sorted and cut off.

use std::{cmp::Ordering, collections::BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    aggregate,
    ast::{Order, Query},
    check::Bound,
    parser::time,
};
use crate::iot_central::{
    access::{Access, Area, organizations_of},
    filters::order,
    routes::Call,
    state::{Document, Record, State},
    twin::{Message, Place},
};

/// A message and what it came from.
pub(super) struct Sent<'s> {
    device: &'s str,
    record: &'s Record,
    place: &'s Place,
    pub(super) message: &'s Message,
}

pub(super) fn rows(
    call: &Call,
    state: &State,
    query: &Query,
    bound: &Bound,
    now: Timestamp,
) -> Vec<Value> {
    let config = &call.application.config;
    let own = |device: &str, record: &Record, name: &str| {
        state.device_value(device, record, name, config, now)
    };
    let devices = state.devices.iter().filter(|(_, record)| {
        record.text("template") == Some(&query.template)
            && call.caller.reaches(Area::Query, Access::Read, &organizations_of(record))
    });
    let mut rows = if bound.is_telemetry {
        let value = |sent: &Sent<'_>, name: &str| match (name, bound.telemetry.get(name)) {
            ("$ts", _) => time(sent.message.at),
            (_, Some((place, name))) if place == sent.place => {
                sent.message.values.get(name).cloned().unwrap_or_default()
            }
            (_, Some(_)) => Value::Null,
            (name, None) => own(sent.device, sent.record, name),
        };
        let places = places(bound);
        let mut messages: Vec<Sent<'_>> = devices
            .flat_map(|(device, record)| places.iter().map(move |place| (device, record, place)))
            .flat_map(|(device, record, place)| {
                let part = state.twins.get(device).and_then(|twin| twin.part(place));
                let messages = part.into_iter().flat_map(|part| part.telemetry.messages());
                messages.map(move |message| Sent { device, record, place, message })
            })
            .filter(|sent| meets(query, bound, &|name| value(sent, name)))
            .collect();
        messages.sort_by_key(|sent| std::cmp::Reverse(sent.message.at));
        if query.items.iter().any(|item| item.function.is_some()) || query.window.is_some() {
            aggregate::rows(query, &messages, &value, now)
        } else {
            messages.iter().map(|sent| row(query, &|name| value(sent, name))).collect()
        }
    } else {
        let met = devices
            .filter(|(device, record)| meets(query, bound, &|name| own(device, record, name)));
        met.map(|(device, record)| row(query, &|name| own(device, record, name))).collect()
    };
    if let Some(order) = &query.order {
        sort(&mut rows, query, order);
    }
    rows.truncate(query.top.unwrap_or(bound.rows).min(bound.rows));
    rows.into_iter().map(|row| shown(query, row)).collect()
}

/// The parts of devices that the telemetry of a query comes from.
fn places(bound: &Bound) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (place, _) in bound.telemetry.values() {
        if !places.contains(place) {
            places.push(place.clone());
        }
    }
    if places.is_empty() {
        places.push(Place::root());
    }
    places
}

/// Whether a row is in, that is, has something that is asked for and meets the
/// condition.
fn meets(query: &Query, bound: &Bound, value: &dyn Fn(&str) -> Value) -> bool {
    let mut selected =
        query.items.iter().filter(|item| bound.telemetry.contains_key(&item.name)).peekable();
    let has_value = selected.peek().is_none() || selected.any(|item| !value(&item.name).is_null());
    has_value && query.condition.as_ref().is_none_or(|condition| condition.holds(value))
}

/// All that is selected, and `$ts` to sort by.
fn row(query: &Query, value: &dyn Fn(&str) -> Value) -> Document {
    let mut row = Document::new();
    for item in &query.items {
        row.insert(item.key(), value(&item.name));
    }
    if by_time(query) && !row.contains_key("$ts") {
        row.insert("$ts".to_owned(), value("$ts"));
    }
    row
}

/// Whether rows are sorted by a time that is not selected.
fn by_time(query: &Query) -> bool {
    query.order.as_ref().is_some_and(|order| order.key == "$ts")
}

/// Takes away what was there to sort by only.
fn shown(query: &Query, mut row: Document) -> Value {
    let keys: BTreeSet<String> = query.items.iter().map(super::ast::Item::key).collect();
    let is_aggregated = query.items.iter().any(|item| item.function.is_some());
    if by_time(query) && !is_aggregated && !keys.contains("$ts") {
        row.shift_remove("$ts");
    }
    row.into()
}

fn sort(rows: &mut [Document], query: &Query, wanted: &Order) {
    let by_name = query.items.iter().find(|item| item.name == wanted.key);
    let key = by_name.map_or_else(|| wanted.key.clone(), super::ast::Item::key);
    let null = Value::Null;
    rows.sort_by(|left, right| {
        let (left, right) = (left.get(&key).unwrap_or(&null), right.get(&key).unwrap_or(&null));
        let ordering = rank(left).cmp(&rank(right));
        let ordering = ordering.then(order(left, right).unwrap_or(Ordering::Equal));
        if wanted.descending { ordering.reverse() } else { ordering }
    });
}

/// Values of different types have an order too, so that sorting is sound.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) | Value::Object(_) => 5,
    }
}
