//! What every tool shares: finding it, running it, and the errors of a tool that
//! is not there, hangs or floods. The words of each are in its own file.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tracing::Span;
use twinkit_http::redact;

use super::arguments;
use super::program;
use super::runner::{self, Failure, Output, Run};
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest, TokenSource,
};

/// What of a tool's complaint is shown.
const MAX_COMPLAINT: usize = 2048;

/// One command line tool.
pub(super) trait Tool: fmt::Debug + Send + Sync + 'static {
    fn facts(&self) -> &'static Facts;

    /// The command line for what is asked.
    fn arguments(&self, asked: &Asked<'_>) -> Result<Vec<OsString>, AuthError>;

    /// The token in the output of a tool that succeeded.
    fn read(&self, stdout: &[u8]) -> Result<Found, AuthError>;

    /// The error of a tool that failed.
    fn explain(&self, said: &Said<'_>, asked: &Asked<'_>) -> AuthError;
}

/// What is fixed about a tool.
#[derive(Debug)]
pub(super) struct Facts {
    /// What errors and traces call it.
    pub(super) name: &'static str,
    /// The names of its program, the best first.
    pub(super) programs: &'static [&'static str],
    /// Environment variables it is run with besides the process's own.
    pub(super) variables: &'static [(&'static str, &'static str)],
    pub(super) install: &'static str,
}

/// A request whose texts may stand on a command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a TokenRequest,
    pub(super) scope: &'a str,
    /// The request's or the builder's.
    pub(super) tenant: Option<&'a str>,
}

/// What a tool gave.
pub(super) struct Found {
    pub(super) token: String,
    pub(super) expires_at: SystemTime,
}

/// What a tool that failed has said.
pub(super) struct Said<'a> {
    /// To look for messages in; never to be shown as it is.
    pub(super) stdout: &'a [u8],
    /// Scrubbed and on one line.
    pub(super) complaint: String,
}

/// A tool as a source of tokens.
#[derive(Debug)]
pub(super) struct ToolSource<T> {
    pub(super) tool: T,
    pub(super) tenant: Option<String>,
    pub(super) limit: Duration,
    /// Where the program is, once it is known.
    pub(super) program: OnceLock<PathBuf>,
}

impl<T: Tool> ToolSource<T> {
    /// [`TokenRequest::with_cae`] is let pass: it says what the caller could
    /// do, and an ordinary token serves such a caller as well.
    async fn run(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        let facts = self.tool.facts();
        let name = facts.name;
        let error = |kind, message: &str| AuthError::new(kind, name, message);
        if request.user_assertion().is_some() {
            let message = "this credential does not act on behalf of another user";
            return Err(error(AuthErrorKind::Config, message));
        }
        let [scope] = request.scopes() else {
            let message = "tokens are given for one scope only";
            return Err(error(AuthErrorKind::Config, message));
        };
        let scope = arguments::scope(name, scope)?;
        let tenant = request.tenant().or(self.tenant.as_deref());
        let tenant = tenant.map(|tenant| arguments::tenant(name, tenant)).transpose()?;
        if let Some(tenant) = tenant {
            Span::current().record("tenant", tenant);
        }
        let asked = Asked { request, scope, tenant };
        let arguments = self.tool.arguments(&asked)?;
        let program = self.program()?;
        let run =
            Run { program, arguments: &arguments, variables: facts.variables, limit: self.limit };
        let output = runner::run(run).await.map_err(|failure| self.explain(failure))?;
        if output.status.success() {
            let Found { token, expires_at } = self.tool.read(&output.stdout)?;
            return AccessToken::new(SecretString::from(token), expires_at)
                .map_err(|fault| error(AuthErrorKind::Protocol, fault.message()));
        }
        Err(self.refused(&output, &asked))
    }

    fn refused(&self, output: &Output, asked: &Asked<'_>) -> AuthError {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = Said { stdout: &output.stdout, complaint: scrub(&stderr) };
        self.tool.explain(&said, asked)
    }

    fn program(&self) -> Result<&PathBuf, AuthError> {
        if let Some(known) = self.program.get() {
            return Ok(known);
        }
        let facts = self.tool.facts();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let current = std::env::current_dir().ok();
        let found = program::find(facts.programs, &path, current.as_deref()).ok_or_else(|| {
            let message =
                format!("{} is not installed, or not on PATH", facts.programs.join(" or "));
            AuthError::new(AuthErrorKind::Unavailable, facts.name, message).with_hint(facts.install)
        })?;
        Ok(self.program.get_or_init(|| found))
    }

    fn explain(&self, failure: Failure) -> AuthError {
        let facts = self.tool.facts();
        let program = facts.programs.first().copied().unwrap_or_default();
        match failure {
            Failure::Start(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("{program} is not where it was expected");
                AuthError::new(AuthErrorKind::Unavailable, facts.name, message)
                    .with_hint(facts.install)
                    .with_cause(error)
            }
            Failure::Start(error) => {
                let message = format!("{program} could not be started: {}", error.kind());
                AuthError::new(AuthErrorKind::Config, facts.name, message).with_cause(error)
            }
            Failure::Read(error) => {
                let message =
                    format!("the output of {program} could not be read: {}", error.kind());
                AuthError::new(AuthErrorKind::Transient, facts.name, message).with_cause(error)
            }
            Failure::Flood => {
                let message = format!("{program} wrote more than a megabyte; it was stopped");
                AuthError::new(AuthErrorKind::Protocol, facts.name, message)
            }
            Failure::Slow => {
                let limit = self.limit.as_secs_f64();
                let message = format!("{program} did not end within {limit} s; it was stopped");
                AuthError::new(AuthErrorKind::Timeout, facts.name, message)
                    .with_hint("run it by hand to see what it waits for, or set a longer timeout")
            }
        }
    }
}

impl<T: Tool> TokenSource for ToolSource<T> {
    fn name(&self) -> &'static str {
        self.tool.facts().name
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        _: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.run(request))
    }
}

/// A tool's words on one line, without what may be a token: a JWT, or a run of
/// its characters longer than any id.
pub(super) fn scrub(text: &str) -> String {
    const LONGEST_ID: usize = 48;
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.+=~".contains(c);
    let mut line = String::with_capacity(text.len());
    let mut word = String::new();
    let flush = |line: &mut String, word: &mut String| {
        let hidden = word.starts_with("eyJ") || word.len() > LONGEST_ID;
        line.push_str(if hidden { "[redacted]" } else { word });
        word.clear();
    };
    for character in text.chars() {
        if of_token(character) {
            word.push(character);
        } else {
            flush(&mut line, &mut word);
            line.push(character);
        }
    }
    flush(&mut line, &mut word);
    redact::text(&line, &[], MAX_COMPLAINT)
}

/// The first JSON object of type `T` in a tool's output, which may have put
/// warnings before it.
pub(super) fn first_object<T: serde::de::DeserializeOwned>(output: &[u8]) -> Option<T> {
    let mut rest = output;
    // Warnings hold few braces; a flood of them is no output of the tool.
    for _ in 0..64 {
        let at = rest.iter().position(|byte| *byte == b'{')?;
        rest = rest.get(at..)?;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<T>();
        if let Some(Ok(value)) = values.next() {
            return Some(value);
        }
        rest = rest.get(1..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct One {
        a: u8,
    }

    #[test]
    fn the_object_is_found_behind_warnings() {
        for text in [
            r#"{"a":1}"#,
            "WARNING: {beta}\n{\"a\":1}\nbye {",
            "\u{1b}[33mcolour\u{1b}[0m {\"b\":2} {\n \"a\": 1, \"c\": {} }",
        ] {
            assert_eq!(first_object::<One>(text.as_bytes()).unwrap().a, 1, "{text:?}");
        }
        for text in
            ["", "{", "{}", "[1]", "a\":1", &"{".repeat(1_000_000), &"{\"a\":".repeat(200_000)]
        {
            assert!(first_object::<One>(text.as_bytes()).is_none());
        }
    }

    #[test]
    fn what_may_be_a_token_is_cut_out_and_ids_stay() {
        let id = "11111111-2222-3333-4444-555555555555";
        assert_eq!(
            scrub(&format!("no {id}\nat https://a.example/x")),
            format!("no {id} at https://a.example/x")
        );
        let long = "k".repeat(49);
        let said = scrub(&format!("eyJ0.canary.x \"{long}\" 'eyJcanary'\t\u{1b}[31m"));
        assert!(!said.contains("canary") && !said.contains(&long));
        assert!(!said.contains(char::is_control));
    }

    proptest! {
        #[test]
        fn no_output_panics(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = first_object::<One>(&text);
            let _ = scrub(&String::from_utf8_lossy(&text));
        }
    }
}
