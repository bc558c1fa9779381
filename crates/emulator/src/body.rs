//! Looking a body over: every fault is noted with its place, as the platforms tell
//! them all at once. Each says them in its own words.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// What a member must be.
pub(crate) enum Wanted<'w> {
    Bool,
    Integer(RangeInclusive<i64>),
    Object,
    List,
    /// A list that is not empty.
    FullList,
    Texts,
    OneOf(&'w [&'w str]),
    Guid,
}

/// A fault in a platform's words. The target is the member with what stands before
/// its name.
pub(crate) trait Fault: Sized {
    fn missing(target: String) -> Self;
    fn unfit(target: String, wanted: Wanted<'_>) -> Self;
}

/// A body and the faults found so far.
#[derive(Debug)]
pub(crate) struct Body<'d, F> {
    document: &'d Map<String, Value>,
    /// What stands before the names of members in faults.
    place: String,
    faults: Vec<F>,
}

impl<'d, F> Body<'d, F> {
    pub(crate) fn new(document: &'d Map<String, Value>) -> Self {
        Self { document, place: String::new(), faults: Vec::new() }
    }

    /// Notes a fault as it is.
    pub(crate) fn fault(&mut self, fault: impl Into<F>) {
        self.faults.push(fault.into());
    }

    /// The member with what stands before its name.
    pub(crate) fn target(&self, member: &str) -> String {
        format!("{}{member}", self.place)
    }

    /// Whether the body says anything of the member, be it null.
    pub(crate) fn names(&self, member: &str) -> bool {
        self.document.contains_key(member)
    }

    pub(crate) fn optional(&self, member: &str) -> Option<&'d Value> {
        self.document.get(member).filter(|value| !value.is_null())
    }

    /// Looks a part of the body over; `place` names it in faults.
    pub(crate) fn part(
        &mut self,
        place: &str,
        part: &'d Map<String, Value>,
        look: impl FnOnce(&mut Self),
    ) {
        let place = format!("{}.", self.target(place));
        let mut inner = Self { document: part, place, faults: Vec::new() };
        look(&mut inner);
        self.faults.append(&mut inner.faults);
    }

    /// The faults together.
    pub(crate) fn into_faults(self) -> Vec<F> {
        self.faults
    }
}

impl<'d, F: Fault> Body<'d, F> {
    /// Something that must be there, whatever it is.
    pub(crate) fn required(&mut self, member: &str) -> Option<&'d Value> {
        let found = self.optional(member);
        if found.is_none() {
            self.faults.push(F::missing(self.target(member)));
        }
        found
    }

    fn read<T>(
        &mut self,
        member: &str,
        value: Option<&'d Value>,
        wanted: Wanted<'_>,
        read: impl FnOnce(&'d Value) -> Option<T>,
    ) -> Option<T> {
        let read = read(value?);
        if read.is_none() {
            self.faults.push(F::unfit(self.target(member), wanted));
        }
        read
    }

    pub(crate) fn optional_bool(&mut self, member: &str) -> Option<bool> {
        let value = self.optional(member);
        self.read(member, value, Wanted::Bool, Value::as_bool)
    }

    pub(crate) fn integer(&mut self, member: &str, range: RangeInclusive<i64>) -> Option<i64> {
        self.required(member)?;
        self.optional_integer(member, range)
    }

    pub(crate) fn optional_integer(
        &mut self,
        member: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.optional(member);
        let within = |value: &'d Value| value.as_i64().filter(|number| range.contains(number));
        self.read(member, value, Wanted::Integer(range.clone()), within)
    }

    pub(crate) fn object(&mut self, member: &str) -> Option<&'d Map<String, Value>> {
        let value = self.required(member);
        self.read(member, value, Wanted::Object, Value::as_object)
    }

    pub(crate) fn optional_object(&mut self, member: &str) -> Option<&'d Map<String, Value>> {
        let value = self.optional(member);
        self.read(member, value, Wanted::Object, Value::as_object)
    }

    /// A list that must be there and hold something.
    pub(crate) fn list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.required(member);
        let full = |value: &'d Value| value.as_array().filter(|list| !list.is_empty());
        self.read(member, value, Wanted::FullList, full)
    }

    pub(crate) fn optional_list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.optional(member);
        self.read(member, value, Wanted::List, Value::as_array)
    }

    /// A list of texts, if it is there; it may be empty.
    pub(crate) fn optional_texts(&mut self, member: &str) -> Option<Vec<&'d str>> {
        let value = self.optional(member);
        let texts = |value: &'d Value| value.as_array()?.iter().map(Value::as_str).collect();
        self.read(member, value, Wanted::Texts, texts)
    }

    /// A text that must be there and be one of these.
    pub(crate) fn one_of(&mut self, member: &str, known: &[&str]) -> Option<&'d str> {
        self.required(member)?;
        self.optional_one_of(member, known)
    }

    pub(crate) fn optional_one_of(&mut self, member: &str, known: &[&str]) -> Option<&'d str> {
        let value = self.optional(member);
        let among = |value: &'d Value| value.as_str().filter(|text| known.contains(text));
        self.read(member, value, Wanted::OneOf(known), among)
    }

    /// A GUID that must be there.
    pub(crate) fn guid(&mut self, member: &str) -> Option<&'d str> {
        self.required(member)?;
        self.optional_guid(member)
    }

    pub(crate) fn optional_guid(&mut self, member: &str) -> Option<&'d str> {
        let value = self.optional(member);
        let guid = |value: &'d Value| value.as_str().filter(|text| is_guid(text));
        self.read(member, value, Wanted::Guid, guid)
    }
}

/// Whether a text is a GUID as the platforms write them.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
