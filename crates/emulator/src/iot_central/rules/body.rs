//! Looking a body over: every fault is noted, as the platform tells them all at
//! once.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::iot_central::{ApiError, state::Document};

/// A body and the faults found so far.
#[derive(Debug)]
pub(in crate::iot_central) struct Body<'d> {
    document: &'d Document,
    /// What stands before the names of members in faults.
    place: String,
    faults: Vec<String>,
}

impl<'d> Body<'d> {
    pub(in crate::iot_central) fn new(document: &'d Document) -> Self {
        Self { document, place: String::new(), faults: Vec::new() }
    }

    pub(in crate::iot_central) fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    fn member_fault(&mut self, member: &str, what: &str) {
        self.faults.push(format!("{}{member} {what}", self.place));
    }

    fn required(&mut self, member: &str) -> Option<&'d Value> {
        let found = self.document.get(member).filter(|value| !value.is_null());
        if found.is_none() {
            self.member_fault(member, "is missing");
        }
        found
    }

    fn optional(&self, member: &str) -> Option<&'d Value> {
        self.document.get(member).filter(|value| !value.is_null())
    }

    fn read<T>(
        &mut self,
        member: &str,
        value: Option<&'d Value>,
        what: &str,
        read: impl FnOnce(&'d Value) -> Option<T>,
    ) -> Option<T> {
        let read = read(value?);
        if read.is_none() {
            self.member_fault(member, what);
        }
        read
    }

    /// Something that must be there, whatever it is.
    pub(in crate::iot_central) fn any(&mut self, member: &str) -> Option<&'d Value> {
        self.required(member)
    }

    /// A text that must be there, and not be empty.
    pub(in crate::iot_central) fn text(&mut self, member: &str) -> Option<&'d str> {
        let value = self.required(member);
        let full = |value: &'d Value| value.as_str().filter(|text| !text.is_empty());
        self.read(member, value, "is no text, or an empty one", full)
    }

    pub(in crate::iot_central) fn optional_text(&mut self, member: &str) -> Option<&'d str> {
        let value = self.optional(member);
        self.read(member, value, "is no text", Value::as_str)
    }

    pub(in crate::iot_central) fn bool(&mut self, member: &str) -> Option<bool> {
        self.required(member)?;
        self.optional_bool(member)
    }

    pub(in crate::iot_central) fn optional_bool(&mut self, member: &str) -> Option<bool> {
        let value = self.optional(member);
        self.read(member, value, "is neither true nor false", Value::as_bool)
    }

    pub(in crate::iot_central) fn optional_integer(
        &mut self,
        member: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.optional(member);
        let what = format!("is no whole number from {} to {}", range.start(), range.end());
        let within = |value: &'d Value| value.as_i64().filter(|number| range.contains(number));
        self.read(member, value, &what, within)
    }

    pub(in crate::iot_central) fn integer(
        &mut self,
        member: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        self.required(member)?;
        self.optional_integer(member, range)
    }

    pub(in crate::iot_central) fn number(&mut self, member: &str) -> Option<f64> {
        let value = self.required(member);
        self.read(member, value, "is no number", Value::as_f64)
    }

    pub(in crate::iot_central) fn object(&mut self, member: &str) -> Option<&'d Document> {
        let value = self.required(member);
        self.read(member, value, "is no object", Value::as_object)
    }

    pub(in crate::iot_central) fn optional_object(&mut self, member: &str) -> Option<&'d Document> {
        let value = self.optional(member);
        self.read(member, value, "is no object", Value::as_object)
    }

    /// A list that must be there and hold something.
    pub(in crate::iot_central) fn list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.required(member);
        let full = |value: &'d Value| value.as_array().filter(|list| !list.is_empty());
        self.read(member, value, "is no list, or an empty one", full)
    }

    pub(in crate::iot_central) fn optional_list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.optional(member);
        self.read(member, value, "is no list", Value::as_array)
    }

    pub(in crate::iot_central) fn optional_texts(&mut self, member: &str) -> Vec<&'d str> {
        let value = self.optional(member);
        let texts = |value: &'d Value| -> Option<Vec<&'d str>> {
            value.as_array()?.iter().map(Value::as_str).collect()
        };
        self.read(member, value, "is no list of texts", texts).unwrap_or_default()
    }

    /// A text that must be there and be one of these.
    pub(in crate::iot_central) fn one_of(
        &mut self,
        member: &str,
        known: &[&str],
    ) -> Option<&'d str> {
        let value = self.required(member);
        self.among(member, value, known)
    }

    pub(in crate::iot_central) fn optional_one_of(
        &mut self,
        member: &str,
        known: &[&str],
    ) -> Option<&'d str> {
        let value = self.optional(member);
        self.among(member, value, known)
    }

    fn among(&mut self, member: &str, value: Option<&'d Value>, known: &[&str]) -> Option<&'d str> {
        let what = format!("is not one of {}", known.join(", "));
        self.read(member, value, &what, |value| value.as_str().filter(|text| known.contains(text)))
    }

    /// A GUID that must be there.
    pub(in crate::iot_central) fn guid(&mut self, member: &str) -> Option<&'d str> {
        let value = self.required(member);
        let guid = |value: &'d Value| {
            value.as_str().filter(|text| text.len() == 36 && uuid::Uuid::try_parse(text).is_ok())
        };
        self.read(member, value, "is no GUID", guid)
    }

    /// Looks a part of the body over; `place` names it in faults.
    pub(in crate::iot_central) fn part(
        &mut self,
        place: &str,
        part: &'d Document,
        look: impl FnOnce(&mut Body<'d>),
    ) {
        let place = format!("{}{place}.", self.place);
        let mut inner = Body { document: part, place, faults: Vec::new() };
        look(&mut inner);
        self.faults.append(&mut inner.faults);
    }

    /// The faults together, if there are any.
    pub(in crate::iot_central) fn verdict(self) -> Result<(), ApiError> {
        if self.faults.is_empty() { Ok(()) } else { Err(ApiError::invalid_body(&self.faults)) }
    }
}
