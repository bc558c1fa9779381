//! Texts for the parameter `filter` of the preview's lists. It must not know
//! which fields a list has.

use std::fmt;

/// A condition, written as the preview's lists take it. Texts are quoted, a
/// quote in one doubled as in OData; no document shows another way.
///
/// ```
/// use twinkit_iot_central::preview::Filter;
///
/// let filter = Filter::eq("template", "dtmi:example:pump;1")
///     .and(Filter::contains("displayName", "Mc'Call").or(Filter::eq("simulated", true)));
/// assert_eq!(
///     filter.to_string(),
///     "template eq 'dtmi:example:pump;1' and \
///      (contains(displayName, 'Mc''Call') or simulated eq true)"
/// );
/// ```
///
/// Devices have the fields `id`, `displayName`, `enabled`, `provisioned`,
/// `simulated`, `template` and `scopes` (the organization). `filter(..)` of a
/// list takes it as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// Whether it is several conditions joined by `or`.
    is_choice: bool,
}

/// A value in a [`Filter`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterValue(String);

impl From<&str> for FilterValue {
    fn from(text: &str) -> Self {
        Self(format!("'{}'", text.replace('\'', "''")))
    }
}

impl From<bool> for FilterValue {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<i64> for FilterValue {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl Filter {
    fn single(text: String) -> Self {
        Self { text, is_choice: false }
    }

    fn compare(field: &str, operator: &str, value: impl Into<FilterValue>) -> Self {
        Self::single(format!("{field} {operator} {}", value.into().0))
    }

    /// The field is the value.
    pub fn eq(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "eq", value)
    }

    /// The field is not the value.
    pub fn ne(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "ne", value)
    }

    /// The field is less than the value.
    pub fn lt(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "lt", value)
    }

    /// The field is at most the value.
    pub fn le(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "le", value)
    }

    /// The field is greater than the value.
    pub fn gt(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "gt", value)
    }

    /// The field is at least the value.
    pub fn ge(field: &str, value: impl Into<FilterValue>) -> Self {
        Self::compare(field, "ge", value)
    }

    /// The field's text holds this one.
    #[must_use]
    pub fn contains(field: &str, text: &str) -> Self {
        Self::single(format!("contains({field}, {})", FilterValue::from(text).0))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::single(format!("{} and {}", self.within_and(), other.within_and()))
    }

    /// One of them holds, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { text: format!("{} or {}", self.text, other.text), is_choice: true }
    }

    fn within_and(self) -> String {
        if self.is_choice { format!("({})", self.text) } else { self.text }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_written_as_the_lists_take_them() {
        let text = |filter: Filter| String::from(filter);
        assert_eq!(text(Filter::ne("id", "a")), "id ne 'a'");
        assert_eq!(text(Filter::lt("a", 1).or(Filter::le("a", -2))), "a lt 1 or a le -2");
        let both = Filter::gt("a", 1).and(Filter::ge("b", 2)).and(Filter::eq("c", false));
        assert_eq!(text(both), "a gt 1 and b ge 2 and c eq false");
        let injected = Filter::eq("id", "x' or id ne '");
        assert_eq!(text(injected), "id eq 'x'' or id ne '''");
    }
}
