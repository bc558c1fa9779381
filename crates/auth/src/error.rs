//! Why a token could not be had: [`AuthError`], the one error of this crate.
//!
//! It knows the fields that OAuth servers and Entra ID put into error answers,
//! because callers ask for them by name. It must not know how an answer is
//! read (`oauth/`) nor which hint belongs to which code (`entra/hints.rs`).

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What sort of failure an [`AuthError`] is; decides who can cure it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// The settings are wrong; nothing was sent.
    Config,
    /// The source does not exist in this environment.
    Unavailable,
    /// The identity service refused the credential or the request.
    Rejected,
    /// A person has to sign in or to consent; [`AuthError::claims`] may say how.
    InteractionRequired,
    /// The service failed or could not be reached; a later try may succeed.
    Transient,
    /// No answer within the time limits.
    Timeout,
    /// The answer is not what the protocol prescribes.
    Protocol,
    /// A person or an administrator said no.
    Denied,
}

/// Why no token could be had, or why one was not sent.
///
/// `Display` is one line without secrets: what was tried, what the service
/// said, its status and ids, and a hint where the cure is known. Cheap to
/// clone, as all callers that wait for one token share its error.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct AuthError(Arc<Facts>);

#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", Line(self))]
struct Facts {
    kind: AuthErrorKind,
    source_name: &'static str,
    message: String,
    answer: ErrorAnswer,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    hint: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    remembered: bool,
    outcomes: Vec<AuthError>,
    #[source]
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The fields of an error answer (RFC 6749 section 5.2 and Entra ID's own),
/// already cut, flattened and scrubbed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ErrorAnswer {
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) codes: Vec<u64>,
    pub(crate) suberror: Option<String>,
    pub(crate) claims: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) error_uri: Option<String>,
}

impl AuthError {
    /// An error of `kind`, raised by the source called `source_name`. The
    /// message is shown to people: it must hold no secret.
    #[must_use]
    pub fn new(kind: AuthErrorKind, source_name: &'static str, message: impl Into<String>) -> Self {
        Self(Arc::new(Facts {
            kind,
            source_name,
            message: message.into(),
            answer: ErrorAnswer::default(),
            http_status: None,
            retry_after: None,
            hint: None,
            request_id: None,
            attempts: 0,
            remembered: false,
            outcomes: Vec::new(),
            cause: None,
        }))
    }

    /// Adds what to do about it, in one sentence.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.change(|facts| facts.hint = Some(hint))
    }

    /// The same error without its hint, for whoever shows hints apart.
    #[must_use]
    pub fn without_hint(self) -> Self {
        self.change(|facts| facts.hint = None)
    }

    /// Adds the error that caused this one. Its texts must hold no secret
    /// either.
    #[must_use]
    pub fn with_cause(self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.change(|facts| facts.cause = Some(Arc::new(cause)))
    }

    /// Adds how long the service asks to wait before another try.
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        self.change(|facts| facts.retry_after = Some(wait))
    }

    /// Adds the claims challenge that this failure leaves unanswered, as JSON
    /// text.
    #[must_use]
    pub fn with_claims(self, claims: impl Into<String>) -> Self {
        let claims = claims.into();
        self.change(|facts| facts.answer.claims = Some(claims))
    }

    pub(crate) fn with_outcomes(self, outcomes: Vec<Self>) -> Self {
        self.change(|facts| facts.outcomes = outcomes)
    }

    pub(crate) fn with_answer(self, status: u16, answer: ErrorAnswer) -> Self {
        self.with_status(status).with_fields(answer)
    }

    /// Adds the fields of an error that came without a status of its own.
    pub(crate) fn with_fields(self, answer: ErrorAnswer) -> Self {
        self.change(|facts| facts.answer = answer)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.change(|facts| facts.http_status = Some(status))
    }

    pub(crate) fn with_attempts(self, attempts: u32, request_id: &str) -> Self {
        self.change(|facts| {
            facts.attempts = attempts;
            facts.request_id = Some(request_id.to_owned());
        })
    }

    pub(crate) fn remembered(self) -> Self {
        self.change(|facts| facts.remembered = true)
    }

    fn change(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> AuthErrorKind {
        self.0.kind
    }

    /// The source that was asked, such as `client secret`.
    #[must_use]
    pub fn source_name(&self) -> &'static str {
        self.0.source_name
    }

    /// What went wrong, in one sentence of ours.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The answer's `error` code, such as `invalid_client` (RFC 6749
    /// section 5.2).
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.0.answer.error.as_deref()
    }

    /// The answer's `error_description` as one line of at most 2048
    /// characters.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.answer.description.as_deref()
    }

    /// Entra ID's numeric codes (`7000215` for `AADSTS7000215`). Good for
    /// messages; the numbers are not a contract to branch on.
    #[must_use]
    pub fn codes(&self) -> &[u64] {
        &self.0.answer.codes
    }

    /// Entra ID's `suberror`, such as `consent_required`.
    #[must_use]
    pub fn suberror(&self) -> Option<&str> {
        self.0.answer.suberror.as_deref()
    }

    /// The claims challenge as it came (a JSON text), to be handed on to the
    /// caller or given to [`TokenRequest::with_claims`](crate::TokenRequest::with_claims).
    #[must_use]
    pub fn claims(&self) -> Option<&str> {
        self.0.answer.claims.as_deref()
    }

    /// Entra ID's id of the failed request.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.answer.trace_id.as_deref()
    }

    /// The id that groups the requests of one sign-in.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.answer.correlation_id.as_deref()
    }

    /// When the service failed, as it writes it: `YYYY-MM-DD HH:MM:SSZ`.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.0.answer.timestamp.as_deref()
    }

    /// The page that explains the error, if the service names one.
    #[must_use]
    pub fn error_uri(&self) -> Option<&str> {
        self.0.answer.error_uri.as_deref()
    }

    /// The HTTP status of the answer, if there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How long the service asks to wait, uncapped.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What to do about it, where the cure is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The `client-request-id` that was sent: the id to name to support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many HTTP requests were made; 0 if nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What became of the sources that a [chain](crate::Credential::chain)
    /// passed over before this failure, in its order.
    #[must_use]
    pub fn outcomes(&self) -> &[Self] {
        &self.0.outcomes
    }

    /// Whether this repeats a failure of a moment ago, without a new request.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.0.remembered
    }
}

/// The one line that `Display` shows.
struct Line<'a>(&'a Facts);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts { answer, .. } = self.0;
        write!(f, "{}: {}", self.0.source_name, self.0.message)?;
        if let Some(error) = &answer.error {
            write!(f, ": {error}")?;
        }
        if let Some(description) = &answer.description {
            // Entra ID repeats its ids at the end; they stand below.
            let said = description.split("Trace ID:").next().unwrap_or_default();
            write!(f, ": {}", said.trim_end())?;
        }
        let attempts = Some(self.0.attempts).filter(|count| *count > 1);
        let facts = [
            self.0.http_status.map(|status| format!("status {status}")),
            attempts.map(|count| format!("{count} attempts")),
            self.0.retry_after.map(|wait| format!("retry after {} s", wait.as_secs())),
            answer.trace_id.as_ref().map(|id| format!("trace id {id}")),
            answer.correlation_id.as_ref().map(|id| format!("correlation id {id}")),
            self.0.request_id.as_ref().map(|id| format!("request id {id}")),
            self.0.remembered.then(|| "remembered, no new request made".to_owned()),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "; hint: {hint}")?;
        }
        for (index, outcome) in self.0.outcomes.iter().enumerate() {
            let mark = if index == 0 { "; passed over: " } else { " | " };
            write!(f, "{mark}{outcome}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_with_all_that_helps() {
        let error = AuthError::new(AuthErrorKind::Rejected, "client secret", "sign-in was refused")
            .with_answer(
                401,
                ErrorAnswer {
                    error: Some("invalid_client".into()),
                    description: Some("AADSTS7000215: Wrong.  Trace ID: t".into()),
                    codes: vec![7_000_215],
                    trace_id: Some("t".into()),
                    ..ErrorAnswer::default()
                },
            )
            .with_attempts(2, "r")
            .with_hint("paste the value");
        assert_eq!(
            error.to_string(),
            "client secret: sign-in was refused: invalid_client: AADSTS7000215: Wrong. \
             (status 401, 2 attempts, trace id t, request id r); hint: paste the value"
        );
        assert!(!error.is_remembered());
        assert!(error.clone().remembered().to_string().contains("no new request"));
    }

    #[test]
    fn the_cause_is_the_source() {
        let error = AuthError::new(AuthErrorKind::Transient, "test", "failed")
            .with_cause(std::io::Error::other("cable"));
        assert_eq!(error.source().unwrap().to_string(), "cable");
    }
}
