//! Contract tests: each operation is called with awkward values against a
//! recording server, and what was sent is compared with the specification.
//!
//! Four kinds of call are made per operation: with every parameter, with a merge
//! patch that takes every member away, with only those parameters that the
//! specification requires, and with each of these left out in turn. Where a body
//! or an answer comes in kinds, each kind has its turn. An operation counts as
//! tested only if all calls did what the specification says.
//!
//! Open documents, which the builders take and give as they are, are made by and
//! for the client's own types for them, so that their declared members are held
//! to the specification as well.
//!
//! Nothing that is expected comes from the operation table or the generated
//! code. How an operation is called comes from a [`Subject`].

pub(crate) mod answer;
mod compare;
mod documents;
pub(crate) mod given;

use std::fmt;
use std::future::Future;

use serde_json::Value;

use crate::generated::{Answer, Failure, Values};
use crate::spec::{Document, Open, Operation, SpecError};
use crate::support::recorder::Recorder;

pub use documents::of_answer;
pub use given::TOKEN;

/// A client under test.
pub trait Subject {
    /// The operations that can be called.
    fn operations(&self) -> &'static [&'static str];

    /// Calls an operation of the service at `endpoint` once, with [`TOKEN`] as
    /// its credential and `headers` as a user would add them to a call.
    fn call(
        &self,
        endpoint: &str,
        operation: &str,
        values: &Values,
        headers: &[(String, String)],
    ) -> impl Future<Output = Result<Answer, Failure>>;

    /// The open document of an operation, as the client's own type for it
    /// encodes it: of the declared members only those that the type itself has,
    /// and the others as the caller's. `None` if the client has no type for it.
    fn document(&self, operation: &str, open: Open) -> Option<serde_json::Result<Value>>;
}

/// What came of one operation.
#[derive(Debug)]
pub struct Verdict {
    /// The operation.
    pub operation: String,
    /// Everything that differs from the specification; empty if nothing does.
    pub differences: Vec<String>,
}

impl Verdict {
    /// Whether all calls did what the specification says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// One line; long differences are cut.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 400;
        let all = self.differences.join("; ");
        let shown: String = all.chars().take(SHOWN).collect();
        let more = if shown.len() < all.len() { " ..." } else { "" };
        write!(f, "{}: {shown}{more}", self.operation)
    }
}

/// Calls every operation of the document.
///
/// # Errors
/// The document cannot be read, or there is no port for the server.
pub async fn check(document: &Document, subject: &impl Subject) -> anyhow::Result<Vec<Verdict>> {
    Ok(check_with(&Recorder::start().await?, document, subject).await?)
}

/// Calls every operation of the document, at a server that runs already.
///
/// # Errors
/// The document cannot be read.
pub async fn check_with(
    recorder: &Recorder,
    document: &Document,
    subject: &impl Subject,
) -> Result<Vec<Verdict>, SpecError> {
    let mut verdicts = Vec::new();
    for operation in document.operations()? {
        let check = Check { document, subject, recorder, operation: &operation };
        let differences = match check.run().await {
            Ok(differences) => differences,
            Err(error) => vec![error.to_string()],
        };
        verdicts.push(Verdict { operation: operation.id.clone(), differences });
    }
    Ok(verdicts)
}

struct Check<'a, S> {
    document: &'a Document,
    subject: &'a S,
    recorder: &'a Recorder,
    operation: &'a Operation,
}

impl<S: Subject> Check<'_, S> {
    async fn run(&self) -> Result<Vec<String>, SpecError> {
        let mut differences = Vec::new();
        for turn in 0..self.turns() {
            differences.extend(self.run_with_all(turn).await?);
            if !differences.is_empty() {
                return Ok(differences);
            }
        }
        self.run_with_less().await
    }

    /// As many as it takes for every kind in bodies and answers to occur.
    fn turns(&self) -> usize {
        let answers = self.operation.successes().filter_map(|response| response.content.as_ref());
        let body = self.operation.body.as_ref().map(|body| &body.schema);
        let larger = self.operation.representation.as_ref();
        let schemas = answers.map(|(_, schema)| schema).chain(body).chain(larger);
        schemas.map(|schema| self.document.turns(schema)).max().unwrap_or(1)
    }

    async fn run_with_all(&self, turn: usize) -> Result<Vec<String>, SpecError> {
        let mut differences = Vec::new();
        let mut every = given::Given::every(self.document, self.operation, turn)?;
        match documents::body(self.document, self.subject, &every)? {
            Ok(encoded) => every.encoded_body = encoded,
            Err(difference) => return Ok(vec![difference]),
        }
        for response in self.operation.successes() {
            let response = &every.preferred(response);
            let answer = answer::answer(self.document, response, turn)?;
            let label = format!("with every parameter, answered {}", response.status);
            if let (Some((_, schema)), Some((_, value))) = (&response.content, &answer.content) {
                let id = &self.operation.id;
                let found = of_answer(self.document, self.subject, id, schema, value)?;
                differences.extend(label_each(&label, Vec::from_iter(found)));
            }
            self.recorder.answer_with(answer.clone());
            let (outcome, values) = self.call(&every).await;
            differences.extend(label_each(&label, compare::sent(&every, &self.recorder.take())));
            differences.extend(label_each(&label, answer.compare(&outcome)));
            differences.extend(label_each(&label, undescribed(&values)));
            if let Some(nulls) = every.taking_away() {
                let label = "taking every member away";
                let (outcome, _) = self.call(&nulls).await;
                differences.extend(label_each(label, compare::sent(&nulls, &self.recorder.take())));
                differences.extend(label_each(label, answer.compare(&outcome)));
            }
        }
        Ok(differences)
    }

    /// Leaves out what may be left out, then each thing that may not.
    async fn run_with_less(&self) -> Result<Vec<String>, SpecError> {
        let mut differences = Vec::new();
        let mut every = given::Given::every(self.document, self.operation, 0)?;
        if let Ok(encoded) = documents::body(self.document, self.subject, &every)? {
            every.encoded_body = encoded;
        }
        let Some(response) = self.operation.successes().next() else {
            return Ok(vec!["the specification describes no success".to_owned()]);
        };
        let answer = answer::answer(self.document, response, 0)?;
        self.recorder.answer_with(answer.clone());

        let required = every.required_only();
        let (outcome, _) = self.call(&required).await;
        let label = "with required parameters only";
        differences.extend(label_each(label, compare::sent(&required, &self.recorder.take())));
        differences.extend(label_each(label, answer.compare(&outcome)));

        for name in required.names() {
            let less = required.without(&name);
            let (outcome, _) = self.call(&less).await;
            let sent = self.recorder.take();
            let label = format!("without {name}");
            match (outcome, sent.as_slice()) {
                (Err(Failure::Call(_)), []) => {}
                // The client may fill in what the caller leaves out.
                (Ok(_), [one]) if compare::carries(one, &required, &name) => {}
                (Err(error), []) => differences.push(format!("{label}: {error}")),
                (_, sent) => differences.push(format!(
                    "{label}: the specification requires it, and {} requests were sent without",
                    sent.len()
                )),
            }
        }
        Ok(differences)
    }

    async fn call(&self, given: &given::Given<'_>) -> (Result<Answer, Failure>, Values) {
        let (values, headers) = given.for_caller();
        let url = self.recorder.url();
        let outcome = self.subject.call(url, &self.operation.id, &values, &headers).await;
        (outcome, values)
    }
}

/// What the client's method takes beyond what the specification describes.
fn undescribed(values: &Values) -> Vec<String> {
    let (asked, given) = (values.asked(), values.given());
    let more = asked.difference(&given);
    more.map(|name| format!("the client has {name}, which is not described")).collect()
}

fn label_each<'a>(
    label: &'a str,
    differences: Vec<String>,
) -> impl Iterator<Item = String> + use<'a> {
    differences.into_iter().map(move |difference| format!("{label}: {difference}"))
}
