//! One cell of the matrix: a call under a fault, what came of it, and in what it
//! differs from what it should have come to.

use std::fmt::Write as _;
use std::time::Duration;

use progenitor_client::{CallOptions, Error};
use serde::Serialize;
use tokio::time::Instant;

use super::expected::{self, Expected};
use super::fault::{Fault, Place};
use super::log::Log;
use super::server::Arrived;
use super::stage::{CANARY, Stage, token};
use super::work::Work;
use crate::generated::{Answer, Failure};
use crate::support::recorder::Recorded;

/// How exact the waits are that are told in milliseconds.
const EXACTNESS: f64 = 0.05;

/// What came of a call under a fault.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// The API.
    pub api: &'static str,
    /// The operation.
    pub operation: String,
    /// Whether the call named the state that it was for (`If-Match`).
    pub conditional: bool,
    /// The fault.
    pub fault: String,
    /// How often the client tried.
    pub attempts: u32,
    /// How many requests were read by the server.
    pub requests: usize,
    /// `answered`, or the kind of the error with its status and code.
    pub outcome: String,
    /// What the caller is told to do about it.
    pub hint: Option<String>,
    /// Seconds that the call took, waits included.
    pub seconds: f64,
    /// Everything that should have been otherwise; empty if nothing.
    pub differences: Vec<String>,
}

impl Cell {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Plays one cell.
///
/// # Errors
/// The stage cannot be set.
pub(super) async fn play(
    stage: &Stage,
    log: &Log,
    work: &Work,
    fault: Fault,
    options: &CallOptions,
) -> anyhow::Result<Cell> {
    stage.set(fault, &work.reply).await?;
    log.clear();
    // In this order, so that whatever comes between is real time for both.
    let real = std::time::Instant::now();
    let begin = Instant::now();
    let what = (work.api, work.operation.as_str());
    let outcome =
        stage.call(fault.place(), what, &work.values, work.options(options.clone())).await?;
    let seen = Seen {
        took: begin.elapsed(),
        really: real.elapsed(),
        arrived: stage.server.arrived(),
        token_requests: stage.identity.arrived().requests.len(),
        log: log.text(),
    };
    let expected = expected::under(fault, work.nature);
    let mut differences = seen.compare(&expected);
    if fault.place() == Place::StrangeAuthority && !stage.emulator.requests().list().is_empty() {
        differences.push("a server that is not trusted was sent a request".to_owned());
    }
    differences.extend(judge(&outcome, &expected, work));
    Ok(Cell {
        api: work.api,
        operation: work.operation.clone(),
        conditional: work.conditional,
        fault: fault.name(),
        attempts: seen.attempts(&outcome),
        requests: seen.arrived.requests.len(),
        outcome: name(&outcome),
        hint: error_of(&outcome).and_then(Error::hint).map(str::to_owned),
        seconds: (seen.took.as_secs_f64() * 1000.0).round() / 1000.0,
        differences,
    })
}

/// What could be seen of a call from outside.
struct Seen {
    took: Duration,
    really: Duration,
    arrived: Arrived,
    token_requests: usize,
    log: String,
}

impl Seen {
    /// As the error says; of an answer, as the server saw.
    fn attempts(&self, outcome: &Result<Answer, Failure>) -> u32 {
        let arrived = || u32::try_from(self.arrived.requests.len()).unwrap_or(u32::MAX);
        error_of(outcome).map_or_else(arrived, Error::attempts)
    }

    fn compare(&self, expected: &Expected) -> Vec<String> {
        let mut differences = Vec::new();
        let mut count = |what: &str, seen: usize, expected: u32| {
            if u32::try_from(seen) != Ok(expected) {
                differences.push(format!("{seen} {what} instead of {expected}"));
            }
        };
        count("requests", self.arrived.requests.len(), expected.requests);
        count("connections without a request", self.arrived.turned_away, expected.turned_away);
        count("requests for a token", self.token_requests, expected.token_requests);
        let least = expected.seconds.start() - EXACTNESS;
        // What took real time is not waiting.
        let most = expected.seconds.end() + self.really.as_secs_f64() + EXACTNESS;
        let took = self.took.as_secs_f64();
        if !(least..=most).contains(&took) {
            differences.push(format!("it took {took:.3} s instead of {:?}", expected.seconds));
        }
        differences.extend(repeats(&self.arrived.requests, expected.new_tokens));
        if let Some(leak) = leak(&self.log) {
            differences.push(format!("the log shows a secret: {leak}"));
        }
        if !self.log.contains("twinkit.call") {
            differences.push("the log does not tell of the call".to_owned());
        }
        differences
    }
}

/// In what requests differ that should be the same, and whose tokens they carry.
fn repeats(requests: &[Recorded], new_tokens: bool) -> Vec<String> {
    let mut differences = Vec::new();
    let bare = |request: &Recorded| {
        let mut request = request.clone();
        request.headers.retain(|(name, _)| name != "authorization");
        (request.method, request.target, request.headers, request.body)
    };
    for (request, number) in requests.iter().zip(1..) {
        if requests.first().map(bare) != Some(bare(request)) {
            differences.push(format!("request {number} differs from the first"));
        }
        let expected = format!("Bearer {}", token(if new_tokens { number } else { 1 }));
        if request.header("authorization") != Some(expected) {
            differences.push(format!("request {number} carries another credential"));
        }
    }
    differences
}

/// In what an outcome is another than expected.
fn judge(outcome: &Result<Answer, Failure>, expected: &Expected, work: &Work) -> Vec<String> {
    let Some(wanted) = &expected.failure else {
        return work.answer.compare(outcome);
    };
    let Some(error) = error_of(outcome) else {
        return vec![format!(
            "{} instead of an error of the kind {:?}",
            name(outcome),
            wanted.kind
        )];
    };
    let mut differences = Vec::new();
    let mut compare = |what: &str, seen: String, wanted: String| {
        if seen != wanted {
            differences.push(format!("{what} is {seen}, not {wanted}"));
        }
    };
    let status = error.status().map(|status| status.as_u16());
    compare("the kind", format!("{:?}", error.kind()), format!("{:?}", wanted.kind));
    compare("the status", format!("{status:?}"), format!("{:?}", wanted.status));
    compare("the code", format!("{:?}", error.code()), format!("{:?}", wanted.code));
    let operation = Some(work.operation.as_str());
    compare("the operation", format!("{:?}", error.operation()), format!("{operation:?}"));
    let attempts = expected.attempts;
    compare("the number of attempts", error.attempts().to_string(), attempts.to_string());
    let id = wanted.request_id;
    compare("the request's id", format!("{:?}", error.request_id()), format!("{id:?}"));
    let wait = wanted.retry_after;
    compare("the wait asked for", format!("{:?}", error.retry_after()), format!("{wait:?}"));
    let retryable = wanted.retryable;
    compare("a later try", error.is_retryable().to_string(), retryable.to_string());
    let hint = error.hint().unwrap_or_default();
    if !wanted.hint.is_empty() && !wanted.hint.iter().any(|part| hint.contains(part)) {
        differences.push(format!("the hint {hint:?} has none of {:?}", wanted.hint));
    }
    if error.message().is_none_or(str::is_empty) {
        differences.push("the error has no message".to_owned());
    }
    if let Some(leak) = leak(&shown(error)) {
        differences.push(format!("the error shows a secret: {leak}"));
    }
    differences
}

fn error_of(outcome: &Result<Answer, Failure>) -> Option<&Error> {
    match outcome {
        Err(Failure::Call(error)) => Some(error),
        _ => None,
    }
}

fn name(outcome: &Result<Answer, Failure>) -> String {
    let error = match outcome {
        Ok(_) => return "answered".to_owned(),
        Err(Failure::Call(error)) => error,
        Err(other) => return other.to_string(),
    };
    let mut name = error.kind().to_string();
    if let Some(status) = error.status() {
        let _ = write!(name, ", {}", status.as_u16());
    }
    if let Some(code) = error.code() {
        let _ = write!(name, " {code}");
    }
    name
}

/// Everything that a program could show of an error.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        let _ = write!(text, "{error}\n{error:?}\n{error:#?}");
        next = error.source();
    }
    text
}

/// What stands around a secret in a text, if there is one.
fn leak(text: &str) -> Option<String> {
    const AROUND: usize = 80;
    let (before, after) = text.split_once(CANARY)?;
    let from = before.chars().count().saturating_sub(AROUND);
    let before: String = before.chars().skip(from).collect();
    let after: String = after.chars().take(AROUND).collect();
    Some(format!("{before}[here]{after}").replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn request(body: &'static str, token: &str) -> Recorded {
        Recorded {
            method: "PUT".to_owned(),
            target: "/a".to_owned(),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn repeats_must_be_the_same_but_for_a_new_token() {
        let (first, second) = (token(1), token(2));
        let same = [request("x", &first), request("x", &first)];
        assert!(repeats(&same, false).is_empty());
        assert_eq!(repeats(&same, true).len(), 1);
        let renewed = [request("x", &first), request("x", &second)];
        assert!(repeats(&renewed, true).is_empty());
        assert_eq!(repeats(&[request("x", &first), request("y", &second)], true).len(), 1);
    }

    #[test]
    fn secrets_are_found() {
        assert_eq!(leak("nothing"), None);
        assert_eq!(leak("é a CANARY-token b").as_deref(), Some("é a [here]-token b"));
    }
}
