//! Bodies, and what is wrong with them in this platform's words.

use crate::{
    body::{self, Fault, Wanted},
    iot_central::ApiError,
};

/// A body and the faults found so far.
pub(in crate::iot_central) type Body<'d> = body::Body<'d, String>;

impl Fault for String {
    fn missing(target: String) -> Self {
        format!("{target} is missing")
    }

    fn unfit(target: String, wanted: Wanted<'_>) -> Self {
        match wanted {
            Wanted::Bool => format!("{target} is neither true nor false"),
            Wanted::Integer(range) => {
                format!("{target} is no whole number from {} to {}", range.start(), range.end())
            }
            Wanted::Object => format!("{target} is no object"),
            Wanted::List => format!("{target} is no list"),
            Wanted::FullList => format!("{target} is no list, or an empty one"),
            Wanted::Texts => format!("{target} is no list of texts"),
            Wanted::OneOf(known) => format!("{target} is not one of {}", known.join(", ")),
            Wanted::Guid => format!("{target} is no GUID"),
        }
    }
}

impl<'d> Body<'d> {
    fn fitting<T>(&mut self, member: &str, what: &str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.fault(format!("{} {what}", self.target(member)));
        }
        read
    }

    /// A text that must be there, and not be empty.
    pub(in crate::iot_central) fn text(&mut self, member: &str) -> Option<&'d str> {
        let text = self.required(member)?.as_str().filter(|text| !text.is_empty());
        self.fitting(member, "is no text, or an empty one", text)
    }

    pub(in crate::iot_central) fn optional_text(&mut self, member: &str) -> Option<&'d str> {
        let text = self.optional(member)?.as_str();
        self.fitting(member, "is no text", text)
    }

    pub(in crate::iot_central) fn bool(&mut self, member: &str) -> Option<bool> {
        self.required(member)?;
        self.optional_bool(member)
    }

    pub(in crate::iot_central) fn number(&mut self, member: &str) -> Option<f64> {
        let number = self.required(member)?.as_f64();
        self.fitting(member, "is no number", number)
    }

    /// The faults together, if there are any.
    pub(in crate::iot_central) fn verdict(self) -> Result<(), ApiError> {
        let faults = self.into_faults();
        if faults.is_empty() { Ok(()) } else { Err(ApiError::invalid_body(&faults)) }
    }
}
