//! What the hosts' requests share: which identity is meant, how a request is
//! sent, and what counts as not having reached anybody.

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use tracing::{Span, field};
use twinkit_http::read_bounded;

use super::answer::{self, Echo, Refusal};
use crate::oauth::{Exchange, MAX_ANSWER, MAX_ERROR_ANSWER, from_transport, host};
use crate::{AccessToken, AuthError, AuthErrorKind};

/// Which of a host's identities is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// The host's own.
    System,
    /// A user-assigned one by its application (client) id.
    Client(String),
    /// A user-assigned one by the object id of its service principal.
    Object(String),
    /// A user-assigned one by its id in Azure Resource Manager.
    Resource(String),
}

impl Identity {
    /// The query parameter that names it, where hosts differ only in what they
    /// call the resource id.
    pub(super) fn parameter(&self, resource_id: &'static str) -> Option<(&'static str, &str)> {
        match self {
            Self::System => None,
            Self::Client(id) => Some(("client_id", id)),
            Self::Object(id) => Some(("object_id", id)),
            Self::Resource(id) => Some((resource_id, id)),
        }
    }
}

/// One request to a host.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    url: Url,
    headers: Vec<(&'static str, HeaderValue)>,
    form: Option<[(&'static str, &'a str); 1]>,
    secrets: Vec<SecretString>,
    echo: Option<Echo<'a>>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Reply {
    Token(AccessToken),
    Refused(Box<Refusal>),
    /// Nobody took the connection.
    Unreachable(AuthError),
}

impl<'a> Ask<'a> {
    /// A GET of `endpoint` with these parameters.
    pub(super) fn get(endpoint: &Url, parameters: &[(&str, &str)]) -> Self {
        let mut url = endpoint.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        Self { url, headers: Vec::new(), form: None, secrets: Vec::new(), echo: None }
    }

    /// A POST of a form with one field.
    pub(super) fn post(endpoint: &Url, field: (&'static str, &'a str)) -> Self {
        let url = endpoint.clone();
        Self { url, headers: Vec::new(), form: Some([field]), secrets: Vec::new(), echo: None }
    }

    /// Says that a program on the machine asks, not a page or a server that was
    /// tricked into it: those cannot set this header.
    pub(super) fn metadata(mut self) -> Self {
        self.headers.push(("metadata", HeaderValue::from_static("true")));
        self
    }

    /// Adds a header whose value is a secret, which has been checked.
    pub(super) fn secret(
        mut self,
        source: &'static str,
        name: &'static str,
        value: SecretString,
    ) -> Result<Self, AuthError> {
        let mut header = header_value(source, name, &value)?;
        header.set_sensitive(true);
        self.headers.push((name, header));
        self.secrets.push(value);
        Ok(self)
    }

    /// Takes `secret` out of whatever the host answers.
    pub(super) fn hiding(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Takes a token only if the answer says that it is this identity's.
    pub(super) fn expecting(mut self, echo: Option<Echo<'a>>) -> Self {
        self.echo = echo;
        self
    }

    /// Sends it, once.
    pub(super) async fn send(
        self,
        http: &Client,
        exchange: Exchange<'_>,
    ) -> Result<Reply, AuthError> {
        let Exchange { source, context } = exchange;
        let asked_at = context.clock().now();
        let peer = host(&self.url);
        Span::current().record("authority", field::display(&peer));
        let mut request = match &self.form {
            None => http.get(self.url),
            Some(form) => http.post(self.url).form(form),
        };
        request = request
            .header(ACCEPT, "application/json")
            .header("x-ms-client-request-id", context.request_id());
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let secrets = &self.secrets;
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let unreachable = error.is_connect();
                let error = from_transport(source, &peer, error, secrets).with_hint(NOT_ANSWERING);
                return if unreachable { Ok(Reply::Unreachable(error)) } else { Err(error) };
            }
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        Span::current().record("status", status.as_u16());
        if status != StatusCode::OK {
            let body = read_bounded(answer, MAX_ERROR_ANSWER).await.ok();
            let now = context.clock().now();
            let refusal = Refusal::read(status, headers, body.as_deref(), secrets, now);
            return Ok(Reply::Refused(Box::new(refusal)));
        }
        let body = read_bounded(answer, MAX_ANSWER).await.map_err(|error| {
            AuthError::new(broken(&error), source, format!("{peer}: {error}")).with_cause(error)
        })?;
        answer::token(source, &body, asked_at, self.echo)
            .map(Reply::Token)
            .map_err(|error| error.with_status(status.as_u16()))
    }
}

const NOT_ANSWERING: &str = "the identity endpoint of this machine did not answer as it should; \
     check the host's state and its managed identity settings";

fn broken(error: &twinkit_http::ReadError) -> AuthErrorKind {
    match error {
        twinkit_http::ReadError::Broken(_) => AuthErrorKind::Transient,
        _ => AuthErrorKind::Protocol,
    }
}

/// The value as a header's, if it can be one. The error does not show it.
pub(super) fn header_value(
    source: &'static str,
    name: &str,
    value: &SecretString,
) -> Result<HeaderValue, AuthError> {
    let text = value.expose_secret();
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    HeaderValue::from_str(text).ok().filter(|_| visible).ok_or_else(|| {
        let message = format!("the secret for the header {name} holds characters no header can");
        AuthError::new(AuthErrorKind::Config, source, message)
    })
}
