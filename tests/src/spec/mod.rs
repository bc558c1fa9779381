//! Reads an OpenAPI document as it stands: the source of everything that the
//! tests expect.
//!
//! It must not know the clients, their operation tables or the code that
//! `xtask` reads specifications with: three readers that agree are worth more
//! than one.

mod example;
mod faults;
mod kinds;
mod open;
mod schema;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

pub use example::{Purpose, awkward_header, awkward_text, example};
pub use open::Open;

/// An OpenAPI document.
#[derive(Debug, Clone)]
pub struct Document {
    root: Value,
}

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file cannot be read.
    #[error("{} cannot be read", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The text is not YAML.
    #[error("{} is not YAML: {reason}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A part is missing or of another type.
    #[error("{pointer}: {problem}")]
    Shape {
        /// Where in the document, as a JSON Pointer.
        pointer: String,
        /// What is wrong there.
        problem: String,
    },
}

/// One operation of the document, its references followed.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`: the name of the client's method.
    pub id: String,
    /// Upper case.
    pub method: String,
    /// Path template.
    pub path: String,
    /// Parameters of the operation and of its path.
    pub parameters: Vec<Parameter>,
    /// The request body, if one is described.
    pub body: Option<Body>,
    /// Answers by status, `default` among them.
    pub responses: Vec<Response>,
    /// Whether a bearer token is asked for.
    pub secured: bool,
    /// What every operation is asked with (`x-accept`).
    pub accept: Option<String>,
    /// What is answered instead where the caller prefers it (`x-representation`).
    pub representation: Option<Value>,
    /// Whether a repeat is safe, where the method does not tell (`x-idempotent`).
    pub idempotent: Option<bool>,
    /// Whether a 500 is worth a repeat (`x-retry-500`).
    pub retries_500: bool,
    /// How many seconds an answer may take, where that is long
    /// (`x-answer-seconds`).
    pub answer_seconds: Option<u64>,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Whether the service needs it.
    pub required: bool,
    /// The one value it always has (`x-const`).
    pub constant: Option<String>,
    /// Type of the value.
    pub schema: Value,
}

/// A request body.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether the service needs it.
    pub required: bool,
    /// The first media type described.
    pub media_type: String,
    /// Whether it is a merge patch: by its media type, or because the document
    /// says so (`x-merge-patch`).
    pub patches: bool,
    /// Type of the value.
    pub schema: Value,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status, or `default`.
    pub status: String,
    /// Media type and schema, if it has a body.
    pub content: Option<(String, Value)>,
    /// Headers with their schemas.
    pub headers: Vec<(String, Value)>,
    /// The error codes that the service gives with it.
    pub error_codes: Vec<String>,
}

impl Response {
    /// The status as a number; `None` for `default`.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        self.status.parse().ok()
    }

    /// Whether it is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it names another address.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.code().is_some_and(|status| (300..400).contains(&status))
    }
}

impl Operation {
    /// The answers that are successes. A redirect is one where nothing else is.
    pub fn successes(&self) -> impl Iterator<Item = &Response> {
        let succeeds = self.responses.iter().any(Response::is_success);
        self.responses.iter().filter(move |it| it.is_success() || (it.is_redirect() && !succeeds))
    }

    /// Whether a failure of this status and code is described.
    #[must_use]
    pub fn describes(&self, status: u16, code: Option<&str>) -> bool {
        let named = self.responses.iter().find(|response| response.code() == Some(status));
        match (named, code) {
            (Some(response), Some(code)) => response.error_codes.iter().any(|known| known == code),
            (Some(response), None) => response.error_codes.is_empty(),
            // What `default` describes are the gateway's answers, without codes.
            (None, None) => self.responses.iter().any(|response| response.status == "default"),
            (None, Some(_)) => false,
        }
    }
}

impl Document {
    /// Reads a document from a YAML file.
    ///
    /// # Errors
    /// The file cannot be read or is not YAML.
    pub fn from_file(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| SpecError::Read(path.to_owned(), error))?;
        let root = serde_saphyr::from_str(&text).map_err(|error| SpecError::Parse {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self { root })
    }

    /// The document as a value, to be changed by tests.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// A document from a value.
    #[must_use]
    pub fn from_value(root: Value) -> Self {
        Self { root }
    }

    /// All operations, in the document's order.
    ///
    /// # Errors
    /// A part that is needed is missing.
    pub fn operations(&self) -> Result<Vec<Operation>, SpecError> {
        const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];
        let mut operations = Vec::new();
        for (path, item) in members(&self.root, "paths") {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    operations.push(self.operation(path, method, item, operation)?);
                }
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        path: &str,
        method: &str,
        item: &Value,
        operation: &Value,
    ) -> Result<Operation, SpecError> {
        let pointer = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
        let id = text(operation, "operationId")
            .ok_or_else(|| shape(&pointer, "there is no operationId"))?;
        let mut parameters = Vec::new();
        for list in [item.get("parameters"), operation.get("parameters")] {
            for parameter in list.and_then(Value::as_array).into_iter().flatten() {
                parameters.push(self.parameter(&pointer, parameter)?);
            }
        }
        let body = match operation.get("requestBody") {
            Some(body) => Some(self.body(&pointer, body)?),
            None => None,
        };
        let responses = members(operation, "responses")
            .map(|(status, response)| self.response(status, response))
            .collect::<Result<_, _>>()?;
        let security = operation.get("security").or_else(|| self.root.get("security"));
        Ok(Operation {
            id: id.to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            parameters,
            body,
            responses,
            accept: text(&self.root, "x-accept").map(str::to_owned),
            representation: text(operation, "x-representation")
                .map(|reference| serde_json::json!({"$ref": reference})),
            secured: security.and_then(Value::as_array).is_some_and(|list| !list.is_empty()),
            idempotent: operation.get("x-idempotent").and_then(Value::as_bool),
            retries_500: flag(operation, "x-retry-500"),
            answer_seconds: operation.get("x-answer-seconds").and_then(Value::as_u64),
        })
    }

    fn parameter(&self, pointer: &str, parameter: &Value) -> Result<Parameter, SpecError> {
        let parameter = self.resolve(parameter)?;
        let missing = |what: &str| shape(pointer, format!("a parameter has no {what}"));
        Ok(Parameter {
            name: text(parameter, "name").ok_or_else(|| missing("name"))?.to_owned(),
            place: text(parameter, "in").ok_or_else(|| missing("in"))?.to_owned(),
            required: flag(parameter, "required"),
            constant: text(parameter, "x-const").map(str::to_owned),
            schema: parameter.get("schema").cloned().unwrap_or_default(),
        })
    }

    fn body(&self, pointer: &str, body: &Value) -> Result<Body, SpecError> {
        let body = self.resolve(body)?;
        let (media_type, content) = members(body, "content")
            .next()
            .ok_or_else(|| shape(pointer, "the request body has no content"))?;
        Ok(Body {
            required: flag(body, "required"),
            media_type: media_type.clone(),
            patches: media_type == "application/merge-patch+json" || flag(body, "x-merge-patch"),
            schema: content.get("schema").cloned().unwrap_or_default(),
        })
    }

    fn response(&self, status: &str, response: &Value) -> Result<Response, SpecError> {
        let response = self.resolve(response)?;
        let content = members(response, "content").next().map(|(media_type, content)| {
            (media_type.clone(), content.get("schema").cloned().unwrap_or_default())
        });
        let mut headers = Vec::new();
        for (name, header) in members(response, "headers") {
            let schema = self.resolve(header)?.get("schema").cloned().unwrap_or_default();
            headers.push((name.clone(), schema));
        }
        let codes = response.get("x-error-codes").and_then(Value::as_array);
        Ok(Response {
            status: status.to_owned(),
            content,
            headers,
            error_codes: codes
                .into_iter()
                .flatten()
                .filter_map(|code| code.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// Follows `$ref` until there is none.
    fn resolve<'a>(&'a self, value: &'a Value) -> Result<&'a Value, SpecError> {
        /// More references than this in a row are a circle.
        const LONGEST_CHAIN: usize = 16;
        let mut value = value;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = text(value, "$ref") else { return Ok(value) };
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            value = self
                .root
                .pointer(pointer)
                .ok_or_else(|| shape(reference, "the reference leads nowhere"))?;
        }
        Err(shape("#", "references turn in a circle"))
    }
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn shape(pointer: &str, problem: impl Into<String>) -> SpecError {
    SpecError::Shape { pointer: pointer.to_owned(), problem: problem.into() }
}
