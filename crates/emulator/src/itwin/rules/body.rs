//! Looking a body over: every fault becomes a detail, as the platform tells them
//! all at once.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{is_email, is_guid};
use crate::itwin::{ApiError, errors::Detail, state::Document};

/// A body and the faults found so far.
#[derive(Debug)]
pub(in crate::itwin) struct Body<'d> {
    document: &'d Document,
    /// What stands before the names of members in targets.
    place: String,
    details: Vec<Detail>,
}

impl<'d> Body<'d> {
    pub(in crate::itwin) fn new(document: &'d Document) -> Self {
        Self { document, place: String::new(), details: Vec::new() }
    }

    /// Notes a fault; its target is taken as it is.
    pub(in crate::itwin) fn fault(&mut self, detail: Detail) {
        self.details.push(detail);
    }

    /// Notes a value that does not fit.
    pub(in crate::itwin) fn invalid(&mut self, member: &str, what: &str) {
        let target = format!("{}{member}", self.place);
        self.details.push(Detail::invalid_value(target, what));
    }

    /// Whether the body says anything of the member, be it null.
    pub(in crate::itwin) fn names(&self, member: &str) -> bool {
        self.document.contains_key(member)
    }

    fn required(&mut self, member: &str) -> Option<&'d Value> {
        let found = self.optional(member);
        if found.is_none() {
            let target = format!("{}{member}", self.place);
            self.details.push(Detail::missing_property(target));
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
            self.invalid(member, what);
        }
        read
    }

    /// A text that must be there, of one character to so many.
    pub(in crate::itwin) fn text(&mut self, member: &str, most: usize) -> Option<&'d str> {
        let value = self.required(member);
        self.full_text(member, value, most)
    }

    /// The same, if it is there.
    pub(in crate::itwin) fn optional_text(&mut self, member: &str, most: usize) -> Option<&'d str> {
        let value = self.optional(member);
        self.full_text(member, value, most)
    }

    fn full_text(
        &mut self,
        member: &str,
        value: Option<&'d Value>,
        most: usize,
    ) -> Option<&'d str> {
        let what = format!("It must be a text of 1 to {most} characters.");
        let fits = |text: &&str| !text.trim().is_empty() && text.chars().count() <= most;
        self.read(member, value, &what, |value| value.as_str().filter(fits))
    }

    /// A text that must be there and may be empty.
    pub(in crate::itwin) fn any_text(&mut self, member: &str, most: usize) -> Option<&'d str> {
        self.required(member)?;
        self.optional_any_text(member, most)
    }

    /// A text that may be empty, if it is there.
    pub(in crate::itwin) fn optional_any_text(
        &mut self,
        member: &str,
        most: usize,
    ) -> Option<&'d str> {
        let value = self.optional(member);
        let what = format!("It must be a text of at most {most} characters.");
        let fits = |text: &&str| text.chars().count() <= most;
        self.read(member, value, &what, |value| value.as_str().filter(fits))
    }

    /// A text that must be there and be one of these.
    pub(in crate::itwin) fn one_of(&mut self, member: &str, known: &[&str]) -> Option<&'d str> {
        let value = self.required(member);
        self.among(member, value, known)
    }

    /// The same, if it is there.
    pub(in crate::itwin) fn optional_one_of(
        &mut self,
        member: &str,
        known: &[&str],
    ) -> Option<&'d str> {
        let value = self.optional(member);
        self.among(member, value, known)
    }

    fn among(&mut self, member: &str, value: Option<&'d Value>, known: &[&str]) -> Option<&'d str> {
        let what = format!("It must be one of {}.", known.join(", "));
        self.read(member, value, &what, |value| value.as_str().filter(|text| known.contains(text)))
    }

    /// A GUID that must be there.
    pub(in crate::itwin) fn guid(&mut self, member: &str) -> Option<&'d str> {
        let value = self.required(member);
        self.is(member, value, "It must be a GUID.", is_guid)
    }

    /// The same, if it is there.
    pub(in crate::itwin) fn optional_guid(&mut self, member: &str) -> Option<&'d str> {
        let value = self.optional(member);
        self.is(member, value, "It must be a GUID.", is_guid)
    }

    /// An email address that must be there.
    pub(in crate::itwin) fn email(&mut self, member: &str) -> Option<&'d str> {
        let value = self.required(member);
        self.is(member, value, "It must be an email address.", is_email)
    }

    fn is(
        &mut self,
        member: &str,
        value: Option<&'d Value>,
        what: &str,
        fits: fn(&str) -> bool,
    ) -> Option<&'d str> {
        self.read(member, value, what, |value| value.as_str().filter(|text| fits(text)))
    }

    pub(in crate::itwin) fn optional_bool(&mut self, member: &str) -> Option<bool> {
        let value = self.optional(member);
        self.read(member, value, "It must be true or false.", Value::as_bool)
    }

    /// A number that must be there.
    pub(in crate::itwin) fn number(
        &mut self,
        member: &str,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        self.required(member)?;
        self.optional_number(member, range)
    }

    pub(in crate::itwin) fn optional_number(
        &mut self,
        member: &str,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let value = self.optional(member);
        let what = format!("It must be a number from {} to {}.", range.start(), range.end());
        self.read(member, value, &what, |value| value.as_f64().filter(|it| range.contains(it)))
    }

    /// A whole number that must be there.
    pub(in crate::itwin) fn integer(
        &mut self,
        member: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        self.required(member)?;
        self.optional_integer(member, range)
    }

    pub(in crate::itwin) fn optional_integer(
        &mut self,
        member: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.optional(member);
        let what = format!("It must be a whole number from {} to {}.", range.start(), range.end());
        self.read(member, value, &what, |value| value.as_i64().filter(|it| range.contains(it)))
    }

    /// An object that must be there.
    pub(in crate::itwin) fn object(&mut self, member: &str) -> Option<&'d Document> {
        let value = self.required(member);
        self.read(member, value, "It must be an object.", Value::as_object)
    }

    pub(in crate::itwin) fn optional_object(&mut self, member: &str) -> Option<&'d Document> {
        let value = self.optional(member);
        self.read(member, value, "It must be an object.", Value::as_object)
    }

    /// A list of one element or more that must be there.
    pub(in crate::itwin) fn list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.required(member);
        let full = |value: &'d Value| value.as_array().filter(|list| !list.is_empty());
        self.read(member, value, "It must be a list that is not empty.", full)
    }

    pub(in crate::itwin) fn optional_list(&mut self, member: &str) -> Option<&'d Vec<Value>> {
        let value = self.optional(member);
        self.read(member, value, "It must be a list.", Value::as_array)
    }

    /// A list of texts, if it is there; it may be empty.
    pub(in crate::itwin) fn optional_texts(&mut self, member: &str) -> Option<Vec<&'d str>> {
        let value = self.optional(member);
        let texts = |value: &'d Value| value.as_array()?.iter().map(Value::as_str).collect();
        self.read(member, value, "It must be a list of texts.", texts)
    }

    /// Looks over the objects of a list; `members[0].` and so on stand before the
    /// targets.
    pub(in crate::itwin) fn each(
        &mut self,
        member: &str,
        list: &'d [Value],
        mut look: impl FnMut(&mut Body<'d>),
    ) {
        for (index, value) in list.iter().enumerate() {
            match value.as_object() {
                Some(part) => self.part(&format!("{member}[{index}]"), part, &mut look),
                None => self.invalid(&format!("{member}[{index}]"), "It must be an object."),
            }
        }
    }

    /// Looks a part of the body over.
    pub(in crate::itwin) fn part(
        &mut self,
        member: &str,
        part: &'d Document,
        look: impl FnOnce(&mut Body<'d>),
    ) {
        let place = format!("{}{member}.", self.place);
        let mut inner = Body { document: part, place, details: Vec::new() };
        look(&mut inner);
        self.details.append(&mut inner.details);
    }

    /// 422 with this code if there are any faults.
    pub(in crate::itwin) fn verdict(self, code: &'static str) -> Result<(), ApiError> {
        if self.details.is_empty() { Ok(()) } else { Err(ApiError::invalid(code, self.details)) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_faults_are_told_with_their_places() {
        let Value::Object(document) = json!({
            "name": " ", "kind": "other", "size": 11, "empty": null,
            "members": [{"email": "a@b"}, {"email": "nobody", "roleIds": [1]}, 5],
        }) else {
            panic!("an object")
        };
        let mut body = Body::new(&document);
        assert_eq!(body.text("name", 5), None);
        assert_eq!(body.one_of("kind", &["this"]), None);
        assert_eq!(body.optional_number("size", 0.0..=10.0), None);
        assert_eq!(body.guid("empty"), None);
        assert_eq!(body.optional_text("nothing", 5), None);
        let mut emails = Vec::new();
        if let Some(members) = body.list("members") {
            body.each("members", members, |member| {
                emails.extend(member.email("email"));
                member.optional_texts("roleIds");
            });
        }
        assert_eq!(emails, ["a@b"]);
        let error = body.verdict("InvalidRequest").unwrap_err().to_json();
        let told: Vec<(&str, &str)> = error["error"]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| (detail["code"].as_str().unwrap(), detail["target"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("InvalidValue", "name"),
                ("InvalidValue", "kind"),
                ("InvalidValue", "size"),
                ("MissingRequiredProperty", "empty"),
                ("InvalidValue", "members[1].email"),
                ("InvalidValue", "members[1].roleIds"),
                ("InvalidValue", "members[2]"),
            ]
        );
        assert!(Body::new(&document).verdict("InvalidRequest").is_ok());
    }
}
