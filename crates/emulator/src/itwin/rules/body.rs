//! Bodies, and what is wrong with them in this platform's details.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::is_email;
use crate::{
    body::{self, Fault, Wanted},
    itwin::{ApiError, errors::Detail},
};

/// A body and the faults found so far.
pub(in crate::itwin) type Body<'d> = body::Body<'d, Detail>;

impl Fault for Detail {
    fn missing(target: String) -> Self {
        Self::missing_property(target)
    }

    fn unfit(target: String, wanted: Wanted<'_>) -> Self {
        let what = match wanted {
            Wanted::Bool => "true or false".to_owned(),
            Wanted::Integer(range) => {
                format!("a whole number from {} to {}", range.start(), range.end())
            }
            Wanted::Object => "an object".to_owned(),
            Wanted::List => "a list".to_owned(),
            Wanted::FullList => "a list that is not empty".to_owned(),
            Wanted::Texts => "a list of texts".to_owned(),
            Wanted::OneOf(known) => format!("one of {}", known.join(", ")),
            Wanted::Guid => "a GUID".to_owned(),
        };
        Self::invalid_value(target, format!("It must be {what}."))
    }
}

impl<'d> Body<'d> {
    /// Notes a value that does not fit.
    pub(in crate::itwin) fn invalid(&mut self, member: &str, what: &str) {
        self.fault(Detail::invalid_value(self.target(member), what));
    }

    fn fitting<T>(&mut self, member: &str, what: &str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.invalid(member, what);
        }
        read
    }

    /// A text that must be there, of one character to so many.
    pub(in crate::itwin) fn text(&mut self, member: &str, most: usize) -> Option<&'d str> {
        self.required(member)?;
        self.optional_text(member, most)
    }

    /// The same, if it is there.
    pub(in crate::itwin) fn optional_text(&mut self, member: &str, most: usize) -> Option<&'d str> {
        let fits = |text: &&str| !text.trim().is_empty() && text.chars().count() <= most;
        let text = self.optional(member)?.as_str().filter(fits);
        self.fitting(member, &format!("It must be a text of 1 to {most} characters."), text)
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
        let fits = |text: &&str| text.chars().count() <= most;
        let text = self.optional(member)?.as_str().filter(fits);
        self.fitting(member, &format!("It must be a text of at most {most} characters."), text)
    }

    /// An email address that must be there.
    pub(in crate::itwin) fn email(&mut self, member: &str) -> Option<&'d str> {
        let email = self.required(member)?.as_str().filter(|text| is_email(text));
        self.fitting(member, "It must be an email address.", email)
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
        let number = self.optional(member)?.as_f64().filter(|it| range.contains(it));
        let what = format!("It must be a number from {} to {}.", range.start(), range.end());
        self.fitting(member, &what, number)
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

    /// 422 with this code if there are any faults.
    pub(in crate::itwin) fn verdict(self, code: &'static str) -> Result<(), ApiError> {
        let details = self.into_faults();
        if details.is_empty() { Ok(()) } else { Err(ApiError::invalid(code, details)) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
