//! `$filter`: conditions on the members of an iTwin in a part of OData 4.
//!
//! Known are `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `and`, `or`, `not`, round
//! brackets, `contains`, `startswith`, `endswith`, `tolower`, `toupper`, texts in
//! single quotes, numbers, `true`, `false` and `null`. A GUID or a moment may also
//! stand without quotes. How much of OData the platform takes is not known.

mod evaluate;
mod lexer;
mod parse;

pub(super) use evaluate::compare;
use serde_json::Value;

use super::INVALID;
use crate::itwin::{ApiError, errors::Detail, state::Document};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::itwin) struct Filter {
    condition: Condition,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    In(Operand, Vec<Value>),
    Text(TextTest, Operand, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Member(&'static str),
    Literal(Value),
    Lower(Box<Operand>),
    Upper(Box<Operand>),
}

impl Filter {
    /// Reads a filter; 422 if it is none.
    pub(in crate::itwin) fn read(text: &str) -> Result<Self, ApiError> {
        let condition = parse::parse(text).map_err(|fault| {
            let message = format!("At position {}: {}.", fault.position, fault.what);
            let detail = Detail::invalid_value("$filter", message);
            ApiError::invalid(INVALID, vec![detail])
        })?;
        Ok(Self { condition })
    }

    /// Whether it lets an iTwin through, which is given with all members.
    pub(in crate::itwin) fn lets(&self, itwin: &Document) -> bool {
        evaluate::holds(&self.condition, itwin)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lets(filter: &str) -> bool {
        let Value::Object(itwin) = json!({
            "displayName": "North Bridge", "number": "B-7", "subClass": "Asset", "type": null,
            "latitude": 54.5, "createdDateTime": "2024-10-17T13:44:55.5370000Z",
            "id": "88888888-8888-8888-8888-888888888801",
        }) else {
            panic!("an object")
        };
        Filter::read(filter).unwrap().lets(&itwin)
    }

    #[test]
    fn conditions_are_taken_by_their_meaning() {
        for (filter, expected) in [
            ("displayName eq 'North Bridge'", true),
            ("DisplayName eq 'north bridge'", false),
            ("tolower(displayName) eq 'north bridge'", true),
            ("number ne 'B-7'", false),
            ("type eq null and number ne null", true),
            ("type ne 'x'", true),
            ("type gt 'a'", false),
            ("latitude gt 54 and latitude le 54.5", true),
            ("latitude lt -1", false),
            ("createdDateTime ge 2024-10-17T00:00:00Z", true),
            ("id eq 88888888-8888-8888-8888-888888888801", true),
            ("contains(displayName, 'Bri') or false eq true", true),
            ("not startswith(displayName,'South') and endswith(number,'7')", true),
            ("subClass in ('Project', 'Asset')", true),
            ("subClass in ('Project')", false),
            ("number eq 'x' or number eq 'y' and number eq 'B-7'", false),
            ("(number eq 'x' or number eq 'B-7') and subClass eq 'Asset'", true),
            ("displayName eq 'it''s'", false),
        ] {
            assert_eq!(lets(filter), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_a_place() {
        for (filter, place) in [
            ("", 0),
            ("displayName", 11),
            ("displayName eq", 14),
            ("colour eq 'red'", 0),
            ("displayName is 'x'", 12),
            ("displayName eq 'x", 15),
            ("(displayName eq 'x'", 19),
            ("displayName eq 'x' number eq 'y'", 19),
            ("displayName eq 'x' and", 22),
            ("contains(displayName)", 20),
            ("size(displayName) eq 1", 0),
            ("displayName eq #", 15),
        ] {
            let told = Filter::read(filter).unwrap_err().to_json().to_string();
            assert!(told.contains(&format!("At position {place}:")), "{filter}: {told}");
        }
        let deep = format!("{}displayName eq 'x'{}", "(".repeat(5000), ")".repeat(5000));
        assert!(Filter::read(&deep).is_err());
    }
}
