//! Asking the service that runs a CI job for a token of the job's identity: one
//! request, with a token that the job was given for it and that goes nowhere
//! else. Which service that is, each of its callers says.

use std::fmt;
use std::time::SystemTime;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use twinkit_http::{HttpClientConfig, Origin, endpoint, read_bounded, retry_after};

use crate::oauth::{
    MAX_ANSWER, MAX_ERROR_ANSWER, checked_jwt, from_body, from_transport, host, scrub, without_mark,
};
use crate::{AssertionRequest, AssertionSource, AuthError, AuthErrorKind, BoxFuture};

const MAX_SAID: usize = 300;

/// A service that gives ID tokens, as opposed to the URL and the token that
/// reach it.
#[derive(Debug)]
pub(super) struct Issuer {
    /// The way in, for errors.
    pub(super) name: &'static str,
    pub(super) method: Method,
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// The field of the answer that holds the token.
    pub(super) field: &'static str,
    /// The headers of the answer that the service's support asks for.
    pub(super) diagnostics: &'static [&'static str],
    /// What to do if it refuses.
    pub(super) hint: &'static str,
}

/// Where and with what the tokens are asked for. Tries once: an assertion is
/// asked for anew for each attempt at the token endpoint.
pub(super) struct IdTokens {
    issuer: &'static Issuer,
    url: Url,
    token: SecretString,
    http: Client,
}

impl IdTokens {
    /// `url` is as the environment has it; `query` is added to it.
    ///
    /// # Errors
    /// The URL or the token is refused, or the HTTP settings are wrong.
    pub(super) fn new(
        issuer: &'static Issuer,
        url: &str,
        query: &[(&str, &str)],
        token: SecretString,
        http: &HttpClientConfig,
    ) -> Result<Self, AuthError> {
        let config = |message: String| AuthError::new(AuthErrorKind::Config, issuer.name, message);
        let url = checked_url(url, query)
            .map_err(|fault| config(format!("the address for ID tokens is refused: {fault}")))?;
        let fits = |byte: u8| byte.is_ascii_graphic();
        let text = token.expose_secret().trim();
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(config("the token to ask for ID tokens with is not one".to_owned()));
        }
        let token = text.into();
        let http = http.build_for(&url).map_err(|error| {
            config(format!("no HTTP client for ID tokens: {error}")).with_cause(error)
        })?;
        Ok(Self { issuer, url, token, http })
    }

    async fn ask(&self, now: SystemTime) -> Result<SecretString, AuthError> {
        let Issuer { name, field, .. } = *self.issuer;
        let secrets = [self.token.clone()];
        let peer = host(&self.url);
        let mut request = self
            .http
            .request(self.issuer.method.clone(), self.url.clone())
            .header(AUTHORIZATION, self.authorization()?);
        for (header, value) in self.issuer.headers {
            request = request.header(*header, *value);
        }
        if self.issuer.method == Method::POST {
            request = request.header(CONTENT_LENGTH, 0);
        }
        let answer =
            request.send().await.map_err(|error| from_transport(name, &peer, error, &secrets))?;
        if answer.status() != StatusCode::OK {
            return Err(self.refusal(answer, now).await);
        }
        let headers = answer.headers().clone();
        let body = read_bounded(answer, MAX_ANSWER)
            .await
            .map_err(|error| from_body(name, &peer, error, &secrets))?;
        // Whatever the body holds, none of it is shown: it may be a token.
        let token = serde_json::from_slice::<Map<String, Value>>(without_mark(&body))
            .ok()
            .and_then(|mut answer| match answer.remove(field) {
                Some(Value::String(token)) => Some(SecretString::from(token)),
                _ => None,
            })
            .and_then(|token| checked_jwt(name, "the ID token", token).ok());
        token.ok_or_else(|| {
            let ids = self.diagnostics(&headers);
            let message = format!("{peer} answered without an ID token in {field:?}{ids}");
            AuthError::new(AuthErrorKind::Protocol, name, message)
                .with_status(StatusCode::OK.as_u16())
        })
    }

    fn authorization(&self) -> Result<HeaderValue, AuthError> {
        let text = ["Bearer ", self.token.expose_secret()].concat();
        let mut value = HeaderValue::try_from(text).map_err(|_| {
            let message = "the token to ask for ID tokens with fits no HTTP header";
            AuthError::new(AuthErrorKind::Config, self.issuer.name, message)
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn refusal(&self, answer: Response, now: SystemTime) -> AuthError {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let said = read_bounded(answer, MAX_ERROR_ANSWER).await.ok();
        let said = said.and_then(|body| self.message(&body)).unwrap_or_default();
        let target = self.redirection(status, &headers);
        let kind = match status.as_u16() {
            408 | 429 | 500..=599 => AuthErrorKind::Transient,
            400..=499 => AuthErrorKind::Rejected,
            _ => AuthErrorKind::Protocol,
        };
        let peer = host(&self.url);
        let ids = self.diagnostics(&headers);
        let message = format!("{peer} gave no ID token{target}{said}{ids}");
        let error = AuthError::new(kind, self.issuer.name, message).with_status(status.as_u16());
        let error = match retry_after(&headers, now) {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        };
        if kind == AuthErrorKind::Transient { error } else { error.with_hint(self.issuer.hint) }
    }

    /// What the service says in an error answer.
    fn message(&self, body: &[u8]) -> Option<String> {
        let answer: Map<String, Value> = serde_json::from_slice(without_mark(body)).ok()?;
        let said = self.scrub(answer.get("message")?.as_str()?);
        Some(format!(": {said}"))
    }

    fn scrub(&self, text: &str) -> String {
        scrub(text, std::slice::from_ref(&self.token), MAX_SAID)
    }

    fn redirection(&self, status: StatusCode, headers: &HeaderMap) -> String {
        if !status.is_redirection() {
            return String::new();
        }
        let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let origin = target.and_then(|text| Origin::of(&self.url.join(text).ok()?));
        match origin {
            // The path may be anything.
            Some(origin) => {
                let shown = self.scrub(&origin.to_string());
                format!(" but redirects to {shown}, which is not followed")
            }
            None => " but redirects, which is not followed".to_owned(),
        }
    }

    fn diagnostics(&self, headers: &HeaderMap) -> String {
        let shown: Vec<String> = self
            .issuer
            .diagnostics
            .iter()
            .filter_map(|name| {
                let value = headers.get(*name)?.to_str().ok()?;
                let value = self.scrub(value);
                Some(format!("{name} {value}"))
            })
            .collect();
        if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) }
    }
}

/// `https`, or `http` to this machine; a query may be there already.
fn checked_url(text: &str, query: &[(&str, &str)]) -> Result<Url, String> {
    let mut url = Url::parse(text.trim()).map_err(|error| error.to_string())?;
    let mut bare = url.clone();
    bare.set_query(None);
    endpoint::parse(bare.as_str(), false).map_err(|error| error.to_string())?;
    url.query_pairs_mut().extend_pairs(query);
    Ok(url)
}

impl AssertionSource for IdTokens {
    fn assertion<'a>(
        &'a self,
        wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(self.ask(wanted.now))
    }
}

impl fmt::Debug for IdTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokens")
            .field("issuer", &self.issuer.name)
            .field("from", &host(&self.url))
            .finish_non_exhaustive()
    }
}
