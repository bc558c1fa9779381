//! The exchange with a token endpoint: one POST, tried a few times, within
//! limits of time and size. All grants go through here.

use std::sync::Arc;
use std::time::SystemTime;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use tracing::Span;
use twinkit_http::{Origin, read_bounded};

use super::client_auth::{AssertionRequest, ClientAuth, Proof};
use super::form::Form;
use super::response::TokenAnswer;
use super::skew::Skew;
use super::{failure, response, retry, transport};
use crate::{AuthError, AuthErrorKind, FetchContext};

/// Tokens reach some 10 KB; a megabyte is beyond any doubt no token.
pub(crate) const MAX_ANSWER: usize = 1024 * 1024;
pub(crate) const MAX_ERROR_ANSWER: usize = 64 * 1024;

/// Entra ID's code for an assertion outside its time. A stale token file or a
/// clock that is off makes it, and both are mended by a new assertion: the one
/// number that anything but a hint depends on.
const ASSERTION_OUT_OF_TIME: u64 = 700_024;

/// A client registered at an identity service.
#[derive(Debug, Clone)]
pub(crate) struct OAuthClient {
    id: String,
    auth: ClientAuth,
    http: Client,
    skew: Arc<Skew>,
}

/// Who exchanges, for errors and traces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) source: &'static str,
    pub(crate) context: &'a FetchContext,
}

/// Reads the body of a 200 answer, as [`response::token`] does: given the
/// source, the body, its content type and when it was asked for.
pub(crate) type Reader<T> = fn(&'static str, &[u8], &str, SystemTime) -> Result<T, AuthError>;

impl OAuthClient {
    /// `http` must not follow redirects: they would repeat the form's secrets.
    pub(crate) fn new(id: String, auth: ClientAuth, http: Client) -> Self {
        Self { id, auth, http, skew: Arc::default() }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn auth(&self) -> &ClientAuth {
        &self.auth
    }

    /// Sends `form` and the client's proof to the token endpoint `url` until
    /// they give a token or a lasting error, or `policy` gives up.
    pub(crate) async fn exchange_with(
        &self,
        url: &Url,
        form: &Form,
        policy: &retry::Policy,
        exchange: Exchange<'_>,
    ) -> Result<TokenAnswer, AuthError> {
        self.exchange_for(url, form, policy, exchange, response::token).await
    }

    /// [`exchange_with`](Self::exchange_with) for an answer that `read`
    /// understands.
    pub(crate) async fn exchange_for<T: Send>(
        &self,
        url: &Url,
        form: &Form,
        policy: &retry::Policy,
        exchange: Exchange<'_>,
        read: Reader<T>,
    ) -> Result<T, AuthError> {
        let peer = host(url);
        let once = || {
            let attempt = || Box::pin(self.attempt(url, form, exchange, read)) as _;
            retry::run(policy, exchange, &peer, attempt)
        };
        let outcome = once().await;
        match outcome {
            Err(error) if self.auth.is_assertion() && is_out_of_time(&error) => {
                tracing::debug!(%error, "the assertion is made anew");
                once().await.map_err(|error| self.blame_clock(error))
            }
            outcome => outcome,
        }
    }

    async fn attempt<T>(
        &self,
        url: &Url,
        form: &Form,
        exchange: Exchange<'_>,
        read: Reader<T>,
    ) -> Result<T, AuthError> {
        let Exchange { source, context } = exchange;
        // Counted from before sending, so that a slow answer does not make the
        // token seem to live longer than it does.
        let asked_at = context.clock().now();
        let wanted = AssertionRequest {
            audience: url.as_str(),
            client_id: &self.id,
            now: self.skew.correct(asked_at),
        };
        let Proof { form, authorization, secrets } = self.auth.prove(form.clone(), wanted).await?;
        let mut request = self
            .http
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header("client-request-id", context.request_id())
            .header("return-client-request-id", "true")
            .body(form.encode());
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, header(source, &value)?);
        }
        let sent = request.send().await;
        let answer =
            sent.map_err(|error| transport::from_transport(source, &host(url), error, &secrets))?;
        self.skew.learn(answer.headers(), context.clock().now());
        let status = answer.status();
        Span::current().record("status", status.as_u16());
        if status == StatusCode::OK {
            let headers = answer.headers().clone();
            let body = read_bounded(answer, MAX_ANSWER)
                .await
                .map_err(|error| transport::from_body(source, &host(url), error, &secrets))?;
            let content_type = failure::content_type(&headers, &secrets);
            // Some services refuse under a status of success.
            return read(source, &body, &content_type, asked_at).map_err(|error| {
                let now = context.clock().now();
                failure::under_success(source, status, &headers, &body, &secrets, now)
                    .unwrap_or_else(|| error.with_status(status.as_u16()))
            });
        }
        Err(refusal(answer, exchange, &secrets).await)
    }

    fn blame_clock(&self, error: AuthError) -> AuthError {
        match self.skew.remark().filter(|_| is_out_of_time(&error)) {
            Some(remark) => error.with_hint(remark),
            None => error,
        }
    }
}

/// The error that an answer without a token stands for. It is an error whether
/// or not its body can be read.
pub(crate) async fn refusal(
    answer: Response,
    exchange: Exchange<'_>,
    secrets: &[SecretString],
) -> AuthError {
    let Exchange { source, context } = exchange;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = read_bounded(answer, MAX_ERROR_ANSWER).await.ok();
    let now = context.clock().now();
    failure::from_answer(source, status, &headers, body.as_deref(), secrets, now)
}

fn header(source: &'static str, value: &SecretString) -> Result<HeaderValue, AuthError> {
    let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| {
        AuthError::new(AuthErrorKind::Config, source, "the client's proof fits no HTTP header")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_out_of_time(error: &AuthError) -> bool {
    error.codes().contains(&ASSERTION_OUT_OF_TIME)
}

/// Scheme, host and port, for people.
pub(crate) fn host(url: &Url) -> String {
    Origin::of(url).map_or_else(String::new, |origin| origin.to_string())
}
