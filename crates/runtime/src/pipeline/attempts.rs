//! The attempts of one call: when another follows, how long to wait for it,
//! and what the last failure means in the light of the earlier ones.

use std::time::Duration;

use reqwest::header::IF_MATCH;
use reqwest::{Method, Request, StatusCode};
use tokio::time::{Instant, sleep, timeout_at};
use twinkit_auth::{Authorized, Decision};

use super::attempt::{self, Failure, Whole};
use super::{Call, prepare, served};
use crate::error::{ErrorFacts, explain_lost_answer, explain_unknown_outcome};
use crate::retry::repeating_rule;
use crate::{Context, Error, ErrorKind, trace};

/// What an answer that takes the service long may take beside that: to connect,
/// to sign in, to travel.
const ANSWER_MARGIN: Duration = Duration::from_secs(10);

pub(super) struct Attempts<'a> {
    context: &'a Context,
    call: &'a Call,
    deadline: Option<Instant>,
    attempt_timeout: Duration,
    max_retries: u32,
    idempotent: bool,
    changes: bool,
    made: u32,
    retries: u32,
    renewed: bool,
    answer_lost: bool,
    outcome_unknown: bool,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(context: &'a Context, call: &'a Call) -> Self {
        let (options, policy) = (context.options(), context.policy());
        // Nobody gives up before the service does, unless the caller says so.
        let needed =
            call.row.and_then(|row| row.answer_seconds).map_or(Duration::ZERO, |seconds| {
                Duration::from_secs(seconds.into()).saturating_add(ANSWER_MARGIN)
            });
        // A time limit beyond what the clock can express is none.
        let timeout = options.timeout.unwrap_or(policy.timeout.max(needed));
        let deadline = context.clock().instant().checked_add(timeout);
        Self {
            context,
            call,
            deadline,
            attempt_timeout: options.attempt_timeout.unwrap_or(policy.attempt_timeout.max(needed)),
            max_retries: options.max_retries.unwrap_or(policy.max_retries),
            idempotent: false,
            changes: true,
            made: 0,
            retries: 0,
            renewed: false,
            answer_lost: false,
            outcome_unknown: false,
        }
    }

    /// How many attempts were made.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    /// Tries until an answer comes or no attempt may follow.
    pub(super) async fn run(&mut self, request: Box<Request>) -> Result<Whole, Error> {
        let mut current = request;
        loop {
            // As it was given: what is added is added again. A body that cannot be sent
            // again leaves no copy: one attempt.
            let copy = copy(&current);
            prepare::prepare(self.context, self.call, &mut current)?;
            let by_request = || is_idempotent(self.call, &current);
            self.idempotent = self.context.options().idempotent.unwrap_or_else(by_request);
            self.changes = !current.method().is_safe();
            let (limit, deadline) = (self.attempt_timeout, self.deadline);
            let attempt = attempt::make(self.context, self.call, current, limit, deadline);
            let span = trace::attempt(self.made);
            self.made += 1;
            let (outcome, span) = trace::spanned!(attempt, span);
            let mut failure = match outcome {
                Ok(answer) => {
                    trace::answered(&span, answer.response.status().as_u16());
                    self.context.budget().give_back(self.retries > 0);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            trace::failed(&span, &failure.error);
            self.outcome_unknown = failure.fault.may_have_been_carried_out();
            let Some(next) = copy else { return Err(failure.error) };
            // Boxed: seldom needed, and calls that succeed should not carry it.
            if !Box::pin(self.another(&mut failure)).await {
                return Err(failure.error);
            }
            current = next;
        }
    }

    /// Decides whether another attempt follows, and waits for its time.
    async fn another(&mut self, failure: &mut Failure) -> bool {
        if self.renews_credential(failure).await {
            return true;
        }
        let repeat_500 = self.call.row.is_some_and(|row| row.retry_500);
        let Some(rule) = repeating_rule(failure.fault, self.idempotent, repeat_500)
            .filter(|_| self.retries < self.max_retries)
        else {
            return false;
        };
        let fraction = twinkit_http::random::fraction();
        let asked = failure.error.retry_after();
        let Some(wait) = self.context.policy().wait(self.retries, asked, fraction) else {
            return false;
        };
        let now = self.context.clock().instant();
        let in_time =
            self.deadline.is_none_or(|end| now.checked_add(wait).is_some_and(|at| at < end));
        if !in_time || !self.context.budget().take() {
            return false;
        }
        trace::repeating(rule, wait);
        self.retries += 1;
        self.answer_lost |= self.changes && failure.fault.may_have_been_carried_out();
        sleep(wait).await;
        true
    }

    /// After the first 401: whether a newer credential can be had.
    async fn renews_credential(&mut self, failure: &mut Failure) -> bool {
        let refused = failure.error.status() == Some(StatusCode::UNAUTHORIZED);
        let Some(used) = failure.authorized.as_ref().filter(|_| refused && !self.renewed) else {
            return false;
        };
        self.renewed = true;
        match self.decide(used, failure).await {
            Some(Decision::Retry) => true,
            Some(Decision::Fail(cause)) => {
                failure.error.set_auth_cause(cause);
                false
            }
            _ => false,
        }
    }

    async fn decide(&self, used: &Authorized, failure: &Failure) -> Option<Decision> {
        let decision = self.context.authorizer().on_unauthorized(used, failure.error.headers());
        match self.deadline {
            None => Some(decision.await),
            Some(end) => timeout_at(end, decision).await.ok(),
        }
    }

    /// Adds to the final error what only the whole call knows.
    pub(super) fn explain(&self, error: &mut Error) {
        let facts = error.facts_mut();
        facts.operation = Some(self.call.operation.clone());
        facts.attempts = self.made;
        let kind = error.kind();
        if self.answer_lost && explain_lost_answer(error) {
            return;
        }
        // Whatever else is wrong follows from that.
        if error.kind() != ErrorKind::Decode
            && let Some(other) = served::another(self.call.row, error.headers())
        {
            error.facts_mut().hint = Some(format!("{other}; {}", served::CURE).into());
            return;
        }
        let advice = self.context.advice(&ErrorFacts {
            kind,
            status: error.status().map(|status| status.as_u16()),
            code: error.code(),
            message: error.message(),
            operation: error.operation(),
        });
        if let Some(hint) = advice {
            error.facts_mut().hint = Some(hint.into());
        } else if self.outcome_unknown && !self.idempotent {
            explain_unknown_outcome(error);
        }
    }
}

/// The same request once more. reqwest's own copy makes room for settings of single
/// requests; ours have none.
fn copy(request: &Request) -> Option<Box<Request>> {
    if request.body().is_some() {
        return request.try_clone().map(Box::new);
    }
    let mut copy = Box::new(Request::new(request.method().clone(), request.url().clone()));
    copy.headers_mut().clone_from(request.headers());
    Some(copy)
}

/// By the table; and a `PATCH` that names a state can do no harm twice. `*`
/// names none.
fn is_idempotent(call: &Call, request: &Request) -> bool {
    let by_method = || {
        let method = request.method();
        method.is_idempotent() && *method != Method::TRACE
    };
    let guarded = || {
        *request.method() == Method::PATCH
            && request.headers().get(IF_MATCH).is_some_and(|value| value != "*")
    };
    call.row.map_or_else(by_method, |row| row.idempotent) || guarded()
}
