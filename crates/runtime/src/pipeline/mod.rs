//! The one way out: every request of a client, generated, raw or a followed
//! link, passes here. In this order: per attempt the request is bound and checked
//! (`prepare`), authorized, sent, followed where the answer lies elsewhere on this
//! origin (`redirect`) and judged (`attempt`, `served`), and repeated as
//! [the table](crate::retry) says (`attempts`).
//!
//! It must not know any platform, nor how credentials come about.

mod attempt;
mod attempts;
mod prepare;
mod redirect;
mod served;

use std::borrow::Cow;

use attempt::Whole;
pub(crate) use attempt::{ERROR_BODY_TIME, fault_of_transport, timed_out, whole};
#[cfg(feature = "_fuzzing")]
pub(crate) use redirect::target as redirect_target;
use reqwest::Request;
use reqwest::header::HeaderValue;

use crate::{Answer, Context, Error, Operation, trace};

/// What is being called.
pub(crate) struct Call {
    /// Its name in errors and traces.
    pub(crate) operation: Cow<'static, str>,
    /// Its row in the operation table, if it has one.
    pub(crate) row: Option<&'static Operation>,
    /// Whether the URL is the service's own and goes out as given.
    pub(crate) verbatim: bool,
}

/// What an answer carries along: what errors that are found when it is decoded
/// should tell, and what they must not.
#[derive(Clone, Default)]
pub(crate) struct Record {
    operation: Option<Cow<'static, str>>,
    attempts: u32,
    credential: Option<HeaderValue>,
}

impl Record {
    pub(crate) fn mark(&self, error: &mut Error) {
        let facts = error.facts_mut();
        facts.operation.clone_from(&self.operation);
        facts.attempts = self.attempts;
        error.scrub(self.credential.as_ref());
    }
}

/// Timers and sockets would panic without a runtime. Whether it has both cannot be asked.
pub(crate) fn within_runtime() -> Result<(), Error> {
    tokio::runtime::Handle::try_current().map(drop).map_err(|_| {
        Error::configuration("calls are made within a Tokio runtime, and there is none here")
    })
}

/// Sends a request and hands back an answer with a success status, read whole.
///
/// Who awaits it boxes the future, so that it is compiled in this crate, once.
/// The request is boxed because each function that it is handed on to would
/// otherwise keep room for it in its future, and large futures are slow to make
/// and to move.
pub(crate) async fn run(
    context: &Context,
    request: Box<Request>,
    call: &Call,
) -> Result<Answer, Error> {
    within_runtime()?;
    let span = trace::call(&call.operation, call.row, &request);
    let mut attempts = attempts::Attempts::new(context, call);
    let (outcome, span) = trace::spanned!(attempts.run(request), span);
    match outcome {
        Ok(Whole { mut response, body, credential }) => {
            trace::answered(&span, response.status().as_u16());
            trace::ended(&span, attempts.made());
            let (operation, attempts) = (Some(call.operation.clone()), attempts.made());
            let record = Record { operation, attempts, credential };
            let headers = std::mem::take(response.headers_mut());
            Ok(Answer::new(response.status(), headers, body, record))
        }
        Err(mut error) => {
            attempts.explain(&mut error);
            trace::failed(&span, &error);
            trace::ended(&span, attempts.made());
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests;
