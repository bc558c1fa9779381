//! The exchange with a token endpoint: one POST, tried a few times, within
//! limits of time and size. All grants go through here.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, StatusCode, Url};
use secrecy::SecretString;
use tokio::time::{Instant, sleep, timeout};
use tracing::Span;
use twinkit_http::{Origin, random, read_bounded};

use super::form::Form;
use super::{failure, response, retry};
use crate::{AccessToken, AuthError, AuthErrorKind, FetchContext};

/// One request, from the first byte sent to the last received. Identity
/// services answer within a second or two.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(30);

/// All attempts and pauses together.
const TOTAL_LIMIT: Duration = Duration::from_secs(90);

/// Tokens reach some 10 KB; a megabyte is beyond any doubt no token.
const MAX_ANSWER: usize = 1024 * 1024;
const MAX_ERROR_ANSWER: usize = 64 * 1024;

/// Where a grant is exchanged for a token.
#[derive(Debug, Clone)]
pub(crate) struct TokenEndpoint {
    url: Url,
    http: Client,
}

/// Who exchanges, for errors and traces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) source: &'static str,
    pub(crate) context: &'a FetchContext,
}

impl TokenEndpoint {
    /// `http` must not follow redirects: they would repeat the form's secrets.
    pub(crate) fn new(url: Url, http: Client) -> Self {
        Self { url, http }
    }

    /// Sends `form` until it gives a token or a lasting error.
    pub(crate) async fn exchange(
        &self,
        form: &Form,
        exchange: Exchange<'_>,
    ) -> Result<AccessToken, AuthError> {
        let deadline = Instant::now() + TOTAL_LIMIT;
        let secrets = form.secrets();
        let span = Span::current();
        let mut attempts = 0;
        loop {
            attempts += 1;
            span.record("attempts", attempts);
            let left = deadline.saturating_duration_since(Instant::now());
            let limit = ATTEMPT_LIMIT.min(left);
            let outcome = timeout(limit, self.attempt(form, &secrets, exchange)).await;
            let error = match outcome {
                Ok(Ok(token)) => return Ok(token),
                Ok(Err(error)) => error,
                Err(_) => {
                    let message =
                        format!("{} did not answer within {} s", self.host(), limit.as_secs());
                    AuthError::new(AuthErrorKind::Timeout, exchange.source, message)
                }
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pause) = retry::pause(&error, attempts, left, random::fraction()) else {
                if let Some(id) = error.correlation_id() {
                    span.record("correlation_id", id);
                }
                return Err(error.with_attempts(attempts, exchange.context.request_id()));
            };
            tracing::debug!(%error, pause_ms = pause.as_millis() as u64, "token request fails");
            sleep(pause).await;
        }
    }

    async fn attempt(
        &self,
        form: &Form,
        secrets: &[SecretString],
        exchange: Exchange<'_>,
    ) -> Result<AccessToken, AuthError> {
        let Exchange { source, context } = exchange;
        // Counted from before sending, so that a slow answer does not make the
        // token seem to live longer than it does.
        let asked_at = context.clock().now();
        let sent = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header("client-request-id", context.request_id())
            .header("return-client-request-id", "true")
            .body(form.encode())
            .send()
            .await;
        let answer =
            sent.map_err(|error| failure::from_transport(source, &self.host(), error, secrets))?;
        let status = answer.status();
        Span::current().record("status", status.as_u16());
        let headers = answer.headers().clone();
        if status == StatusCode::OK {
            let body = read_bounded(answer, MAX_ANSWER)
                .await
                .map_err(|error| failure::from_body(source, &self.host(), error, secrets))?;
            let content_type = failure::content_type(&headers, secrets);
            return response::token(source, &body, &content_type, asked_at)
                .map_err(|error| error.with_status(status.as_u16()));
        }
        // An error is an error whether or not its body can be read.
        let body = read_bounded(answer, MAX_ERROR_ANSWER).await.ok();
        let now = context.clock().now();
        Err(failure::from_answer(source, status, &headers, body.as_deref(), secrets, now))
    }

    fn host(&self) -> String {
        Origin::of(&self.url).map_or_else(String::new, |origin| origin.to_string())
    }
}
