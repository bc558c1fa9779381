//! What the emulator serves: over seeded state, each operation must give a
//! success that the specification describes, member by member, and that the
//! client's types decode, and one of the failures that the specification
//! describes for it.
//!
//! Scenarios, one folder per platform, say what to call; what counts as a
//! success or as a described failure is read from the specification.

mod digital_twins;
mod iot_central;
mod itwin;
mod stranger;

use std::collections::BTreeMap;
use std::future::Future;

pub use digital_twins::digital_twins;
pub use iot_central::{iot_central, iot_central_preview};
pub use itwin::{access_control, imodels, itwins, reality_management, storage, users, webhooks};

use crate::contract::{self, Subject};
use crate::generated::{Answer, Failure, Values};
use crate::spec::{Document, Operation, Response};

/// What was seen of each operation.
pub type Seen = BTreeMap<String, Served>;

/// What was seen of one operation.
#[derive(Debug, Default, Clone)]
pub struct Served {
    /// A success came as described and could be decoded.
    pub success: bool,
    /// Status and code of a failure that came as described.
    pub failure: Option<(u16, Option<String>)>,
    /// Whatever came otherwise.
    pub surprises: Vec<String>,
}

impl Served {
    /// Whether the operation is served.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.success && self.failure.is_some() && self.surprises.is_empty()
    }
}

/// A client whose operations can be called by name.
trait Callable {
    fn call(
        &self,
        operation: &str,
        values: &Values,
    ) -> impl Future<Output = Result<Answer, Failure>>;
}

/// Calls operations and judges what comes.
struct Play<C, S> {
    document: Document,
    /// Knows the client's own types for open documents.
    subject: S,
    /// May do everything.
    client: C,
    /// May do nothing: has no role, or a token that opens nothing.
    stranger: C,
    operations: Vec<Operation>,
    seen: Seen,
}

impl<C: Callable, S: Subject> Play<C, S> {
    fn new(document: &Document, subject: S, client: C, stranger: C) -> anyhow::Result<Self> {
        let operations = document.operations()?;
        let seen = operations.iter().map(|one| (one.id.clone(), Served::default())).collect();
        Ok(Self { document: document.clone(), subject, client, stranger, operations, seen })
    }

    /// A call that must succeed.
    async fn succeeds(&mut self, operation: &str, values: Values) -> Option<Answer> {
        let outcome = self.client.call(operation, &values).await;
        let wants_all = values.given().contains("Prefer");
        self.judge(operation, outcome, wants_all)
    }

    /// The same for a call that was made already.
    fn succeeded(&mut self, operation: &str, outcome: Result<Answer, Failure>) -> Option<Answer> {
        self.judge(operation, outcome, false)
    }

    fn judge(
        &mut self,
        operation: &str,
        outcome: Result<Answer, Failure>,
        wants_all: bool,
    ) -> Option<Answer> {
        let described = self.described(operation)?;
        let (answer, surprises) = match outcome {
            Err(error) => (None, vec![format!("failed instead of succeeding: {error}")]),
            Ok(answer) => {
                let response = described.successes().find(|r| r.code() == Some(answer.status));
                let surprises = match response {
                    None => vec![format!("status {} is not described", answer.status)],
                    Some(response) => {
                        let larger = described.representation.as_ref().filter(|_| wants_all);
                        self.judge_success(operation, response, larger, &answer)
                    }
                };
                (Some(answer), surprises)
            }
        };
        let seen = self.seen.entry(operation.to_owned()).or_default();
        seen.success |= surprises.is_empty();
        seen.surprises.extend(surprises);
        answer
    }

    /// Headers and members of a success are as described; the members as `larger`
    /// says, if everything was asked for.
    fn judge_success(
        &self,
        operation: &str,
        response: &Response,
        larger: Option<&serde_json::Value>,
        answer: &Answer,
    ) -> Vec<String> {
        let mut surprises = Vec::from_iter(missing_header(&response.headers, answer));
        let Some((_, schema)) = &response.content else { return surprises };
        let schema = larger.unwrap_or(schema);
        let value = &answer.value;
        match self.document.faults(schema, value) {
            Ok(faults) => surprises.extend(faults),
            Err(error) => surprises.push(error.to_string()),
        }
        match contract::of_answer(&self.document, &self.subject, operation, schema, value) {
            Ok(difference) => surprises.extend(difference),
            Err(error) => surprises.push(error.to_string()),
        }
        surprises
    }

    /// A call that must be refused in a way that the operation describes.
    async fn refused(&mut self, operation: &str, values: Values) {
        let outcome = self.client.call(operation, &values).await;
        self.judge_refusal(operation, outcome);
    }

    /// A call without a role, for operations that describe no failure but the
    /// gateway's.
    async fn denied(&mut self, operation: &str, values: Values) {
        let outcome = self.stranger.call(operation, &values).await;
        self.judge_refusal(operation, outcome);
    }

    fn judge_refusal(&mut self, operation: &str, outcome: Result<Answer, Failure>) {
        let Some(described) = self.described(operation) else { return };
        let judged = match outcome {
            Ok(answer) => Err(format!("status {} where a refusal was due", answer.status)),
            Err(Failure::Call(error)) => match error.status().map(|status| status.as_u16()) {
                Some(status) if described.describes(status, error.code()) => {
                    Ok((status, error.code().map(str::to_owned)))
                }
                _ => Err(format!("a refusal that is not described: {error}")),
            },
            Err(other) => Err(other.to_string()),
        };
        let seen = self.seen.entry(operation.to_owned()).or_default();
        match judged {
            Ok(failure) => seen.failure = Some(failure),
            Err(surprise) => seen.surprises.push(surprise),
        }
    }

    /// Notes what kept an operation from being tried.
    fn surprise(&mut self, operation: &str, what: String) {
        self.seen.entry(operation.to_owned()).or_default().surprises.push(what);
    }

    fn described(&mut self, operation: &str) -> Option<Operation> {
        // An operation that the document does not have is not counted.
        self.operations.iter().find(|known| known.id == operation).cloned()
    }
}

/// Headers that the specification describes for a success come with it.
fn missing_header(described: &[(String, serde_json::Value)], answer: &Answer) -> Option<String> {
    let missing = described.iter().find(|(name, _)| answer.header(name).is_none());
    missing.map(|(name, _)| format!("the answer has no {name}"))
}
