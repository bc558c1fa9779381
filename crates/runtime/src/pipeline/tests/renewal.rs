//! What a 401 does.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use twinkit_auth::{AuthError, AuthErrorKind, Authorized, Authorizer, Decision};

use super::*;
use crate::{BoxFuture, ErrorKind};

/// Counts up: the credential is a new one after each 401.
#[derive(Debug, Default)]
pub(super) struct Renewing {
    refused: AtomicU32,
    then: Then,
}

/// What a 401 leads to.
#[derive(Debug, Clone, Copy, Default)]
enum Then {
    #[default]
    Retry,
    Give,
    Fail,
}

impl Authorizer for Renewing {
    fn authorize<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        let number = self.refused.load(Ordering::Relaxed);
        request.headers_mut().insert(AUTHORIZATION, number.into());
        Box::pin(async { Ok(Authorized::fixed()) })
    }

    fn on_unauthorized<'a>(
        &'a self,
        _: &'a Authorized,
        _: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let decision = match self.then {
            Then::Retry => Decision::Retry,
            Then::Give => Decision::Give,
            Then::Fail => {
                let kind = AuthErrorKind::InteractionRequired;
                let error = AuthError::new(kind, "test", "ask a person").with_claims("{}");
                Decision::Fail(error.with_hint("sign in"))
            }
        };
        Box::pin(async move { decision })
    }
}

async fn attempts(authorizer: Renewing, steps: Vec<Step>) -> (Server, Result<u32, Error>) {
    let server = Server::start(steps).await;
    let context = Context::builder(&server.url, Arc::new(authorizer)).build().unwrap();
    let result = call(&context, "post_thing").await;
    (server, result.map(|response| response.as_u64().unwrap() as u32))
}

#[tokio::test(start_paused = true)]
async fn the_credential_is_renewed_once_per_call() {
    let steps = vec![Step::status(401), Step::json("5")];
    let (server, result) = attempts(Renewing::default(), steps).await;
    assert_eq!(result.unwrap(), 5);
    let sent: Vec<_> =
        server.seen().iter().map(|seen| seen.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["0", "1"]);

    let (server, result) = attempts(Renewing::default(), vec![Step::status(401)]).await;
    let error = result.unwrap_err();
    assert!(error.is_denied() && !error.is_retryable());
    assert_eq!((error.attempts(), server.seen().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_cannot_be_renewed_is_not_tried_again() {
    let authorizer = Renewing { then: Then::Give, ..Renewing::default() };
    let (server, result) = attempts(authorizer, vec![Step::status(401)]).await;
    assert!(result.unwrap_err().is_denied());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn renewal_takes_no_repeat_away() {
    let mut steps = vec![Step::status(401)];
    steps.extend(vec![Step::status(429); 3]);
    steps.push(Step::json("1"));
    let (server, result) = attempts(Renewing::default(), steps).await;
    assert!(result.is_ok());
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn why_no_other_credential_could_be_had_reaches_the_caller() {
    let authorizer = Renewing { then: Then::Fail, ..Renewing::default() };
    let (server, result) = attempts(authorizer, vec![Step::status(401)]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Auth, Some(StatusCode::UNAUTHORIZED)));
    assert_eq!(error.hint(), Some("sign in"));
    assert!(error.to_string().contains("ask a person") && !error.to_string().contains("sign in"));
    let cause = std::error::Error::source(&error).unwrap();
    let cause: &AuthError = cause.downcast_ref().unwrap();
    assert_eq!(cause.claims(), Some("{}"));
    assert_eq!(server.seen().len(), 1);
}
