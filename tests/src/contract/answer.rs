//! Answers made from the specification, and whether the client gives all of
//! them to its caller.

use serde_json::Value;

use crate::generated::{Answer, Failure};
use crate::spec::{Document, Purpose, Response, SpecError, awkward_header, example};
use crate::support::recorder::Canned;

/// The answer that the specification describes, everything set.
pub(crate) fn answer(
    document: &Document,
    response: &Response,
    turn: usize,
) -> Result<Canned, SpecError> {
    let mut headers = Vec::new();
    for (name, schema) in &response.headers {
        let value = match schema.get("type").and_then(Value::as_str) {
            Some("string") => awkward_header(name),
            _ => super::given::plain(&example(document, schema, Purpose::Answer, turn, name)?),
        };
        headers.push((name.to_lowercase(), value));
    }
    let content = match &response.content {
        None => None,
        Some((media_type, schema)) => {
            let value = example(document, schema, Purpose::Answer, turn, "answer")?;
            Some((media_type.clone(), value))
        }
    };
    let status = response.code().unwrap_or(500);
    Ok(Canned { status, headers, content })
}

impl Canned {
    /// What of the answer did not reach the caller.
    pub(crate) fn compare(&self, outcome: &Result<Answer, Failure>) -> Vec<String> {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return vec![format!("the call failed: {error}")],
        };
        let mut differences = Vec::new();
        if answer.status != self.status {
            differences.push(format!("status {} became {}", self.status, answer.status));
        }
        for (name, value) in &self.headers {
            let seen = answer.header(name);
            if seen != Some(value) {
                differences.push(format!("response header {name} became {seen:?}"));
            }
        }
        let expected = self.content.as_ref().map_or(&Value::Null, |(_, value)| value);
        if answer.value != *expected {
            differences.push(format!("the answer {expected} became {}", answer.value));
        }
        differences
    }
}
