//! The values that a call is made with, and how a user hands them over.

use serde_json::Value;

use crate::generated::Values;
use crate::spec::{
    Document, Operation, Parameter, Purpose, Response, SpecError, awkward_header, example,
};

/// The bearer token that calls are made with.
pub const TOKEN: &str = "contract-token.~+/==";

/// Headers that a user sets for a call, whatever the operation: they belong to
/// no builder.
const CALL_HEADERS: [&str; 2] = ["traceparent", "tracestate"];

/// A parameter and its value.
#[derive(Debug, Clone)]
pub(crate) struct Set<'a> {
    pub(crate) parameter: &'a Parameter,
    pub(crate) value: Value,
}

/// The values of one call.
#[derive(Debug, Clone)]
pub(crate) struct Given<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) parameters: Vec<Set<'a>>,
    pub(crate) body: Option<Value>,
    /// The body as the client's own type for it encodes it, if there is one:
    /// what the caller hands over, while `body` is what must be sent.
    pub(crate) encoded_body: Option<Value>,
}

impl<'a> Given<'a> {
    /// A value for everything that the operation describes; `turn` says with
    /// which kind of what comes in kinds to begin.
    pub(crate) fn every(
        document: &Document,
        operation: &'a Operation,
        turn: usize,
    ) -> Result<Self, SpecError> {
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let value = match (&parameter.constant, parameter.place.as_str()) {
                (Some(constant), _) => Value::from(constant.as_str()),
                (None, "header") => header_value(document, parameter)?,
                _ => example(document, &parameter.schema, Purpose::Request, turn, &parameter.name)?,
            };
            parameters.push(Set { parameter, value });
        }
        let purpose = if patches(operation) { Purpose::Patch } else { Purpose::Request };
        let body = operation.body.as_ref();
        let body = body.map(|body| example(document, &body.schema, purpose, turn, "body"));
        Ok(Self { operation, parameters, body: body.transpose()?, encoded_body: None })
    }

    /// Whether the body is bytes: no kind of JSON.
    pub(super) fn sends_bytes(&self) -> bool {
        self.operation.body.as_ref().is_some_and(|body| !body.media_type.contains("json"))
    }

    /// The answer, or the larger one if the caller prefers that.
    pub(crate) fn preferred(&self, response: &Response) -> Response {
        let mut answered = response.clone();
        let prefers = self.parameters.iter().any(|set| set.parameter.name == "Prefer");
        if let (Some(larger), Some((_, schema))) =
            (self.operation.representation.as_ref().filter(|_| prefers), &mut answered.content)
        {
            schema.clone_from(larger);
        }
        answered
    }

    /// The same call with a merge patch that takes every member away; `None` if
    /// the operation takes no merge patch.
    pub(super) fn taking_away(&self) -> Option<Self> {
        let Some(Value::Object(members)) = &self.body else { return None };
        let nulls = members.keys().map(|name| (name.clone(), Value::Null)).collect();
        patches(self.operation).then(|| Self { body: Some(Value::Object(nulls)), ..self.clone() })
    }

    /// The same call with nothing that may be left out.
    pub(super) fn required_only(&self) -> Self {
        let needed = |set: &&Set<'a>| set.parameter.required;
        let body_needed = self.operation.body.as_ref().is_some_and(|body| body.required);
        Self {
            operation: self.operation,
            parameters: self.parameters.iter().filter(needed).cloned().collect(),
            body: self.body.clone().filter(|_| body_needed),
            encoded_body: self.encoded_body.clone(),
        }
    }

    /// What the caller could leave out: parameters without a constant value,
    /// and the body, under the name `body`.
    pub(super) fn names(&self) -> Vec<String> {
        let free = self.parameters.iter().filter(|set| set.parameter.constant.is_none());
        let names = free.map(|set| set.parameter.name.clone());
        names.chain(self.body.iter().map(|_| "body".to_owned())).collect()
    }

    /// The same call without one of its values.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut less = self.clone();
        if name == "body" {
            less.body = None;
        } else {
            less.parameters.retain(|set| set.parameter.name != name);
        }
        less
    }

    /// The values for the caller, and the headers for its call.
    pub(crate) fn for_caller(&self) -> (Values, Vec<(String, String)>) {
        let mut values = Values::new();
        let mut headers = Vec::new();
        for Set { parameter, value } in &self.parameters {
            if parameter.constant.is_some() {
                continue;
            }
            if parameter.place == "header" && CALL_HEADERS.contains(&parameter.name.as_str()) {
                headers.push((parameter.name.clone(), plain(value)));
            } else {
                values = values.with(&parameter.name, value.clone());
            }
        }
        if let Some(body) = &self.body {
            values = values.with("body", self.encoded_body.as_ref().unwrap_or(body).clone());
        }
        (values, headers)
    }
}

/// Whether the operation takes a merge patch, whose members may be left out
/// and may be null, whatever the schema of what is patched says.
pub(super) fn patches(operation: &Operation) -> bool {
    operation.body.as_ref().is_some_and(|body| body.patches)
}

fn header_value(document: &Document, parameter: &Parameter) -> Result<Value, SpecError> {
    let value = example(document, &parameter.schema, Purpose::Request, 0, &parameter.name)?;
    let is_free_text = parameter.schema.get("type").and_then(Value::as_str) == Some("string")
        && parameter.schema.get("format").is_none()
        && parameter.schema.get("enum").is_none();
    Ok(match parameter.name.as_str() {
        // A weak tag with everything that a tag may hold.
        "If-Match" => Value::from("W/\"a,b;c d#%2F\\\""),
        // The form that W3C Trace Context prescribes.
        "traceparent" => Value::from("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        name if is_free_text => Value::from(awkward_header(name)),
        _ => value,
    })
}

/// A value as it stands in a URL or a header.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
