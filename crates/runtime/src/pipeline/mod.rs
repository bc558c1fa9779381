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

use attempt::Answer;
pub(crate) use attempt::{fault_of_transport, timed_out};
use bytes::Bytes;
#[cfg(feature = "_fuzzing")]
pub(crate) use redirect::target as redirect_target;
use reqwest::{Request, Response};

use crate::error::Facts;
use crate::{Context, Error, Operation, trace};

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
/// should tell, and the body, where it has been read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    operation: Option<Cow<'static, str>>,
    attempts: u32,
    pub(crate) body: Option<Bytes>,
}

impl Record {
    pub(crate) fn mark(&self, facts: &mut Facts) {
        facts.operation.clone_from(&self.operation);
        facts.attempts = self.attempts;
    }
}

/// Sends a request and hands back an answer with a success status; its body
/// has been read unless the operation streams it.
///
/// Who awaits it boxes the future, so that it is compiled in this crate, once.
/// The request is boxed because each function that it is handed on to would
/// otherwise keep room for it in its future, and large futures are slow to make
/// and to move.
pub(crate) async fn run(
    context: &Context,
    request: Box<Request>,
    call: &Call,
) -> Result<(Response, Record), Error> {
    let span = trace::call(&call.operation, call.row, &request);
    let mut attempts = attempts::Attempts::new(context, call);
    let (outcome, span) = trace::spanned!(attempts.run(request), span);
    match outcome {
        Ok(Answer { response, body }) => {
            trace::answered(&span, response.status().as_u16());
            trace::ended(&span, attempts.made());
            let (operation, attempts) = (Some(call.operation.clone()), attempts.made());
            Ok((response, Record { operation, attempts, body }))
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
