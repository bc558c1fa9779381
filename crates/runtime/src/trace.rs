//! Spans and their field names: OpenTelemetry's conventions for HTTP clients,
//! kept in this one file. One span per call, one child per attempt. No header,
//! no body, no query string goes in.

use std::time::Duration;

use reqwest::Request;
use tracing::Span;
use tracing::field::Empty;

use crate::retry::Rule;
use crate::{Error, ListEnd, Operation};

/// The span of a call. Its name is of low cardinality: method and template,
/// never the path itself.
pub(crate) fn call(operation: &str, row: Option<&Operation>, request: &Request) -> Span {
    let url = request.url();
    tracing::info_span!(
        "twinkit.call",
        "otel.name" = name(row, request),
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "twinkit.operation" = operation,
        "http.request.method" = request.method().as_str(),
        "url.template" = row.map(|row| row.path),
        "server.address" = url.host_str(),
        "server.port" = url.port_or_known_default(),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
        "twinkit.attempts" = Empty,
    )
}

fn name(row: Option<&Operation>, request: &Request) -> String {
    match row {
        Some(row) => format!("{} {}", row.method, row.path),
        None => request.method().to_string(),
    }
}

/// The span of one attempt. `resends` counts from 0.
pub(crate) fn attempt(resends: u32) -> Span {
    tracing::debug_span!(
        "twinkit.attempt",
        "http.request.resend_count" = resends,
        "otel.status_code" = Empty,
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    )
}

/// What comes of a future that is awaited in a span, and the span to note it in. No
/// function, which would keep room for the future twice.
macro_rules! spanned {
    ($work:expr, $span:expr) => {{
        let mut work = ::std::pin::pin!(::tracing::Instrument::instrument($work, $span));
        let done = work.as_mut().await;
        (done, work.span().clone())
    }};
}
pub(crate) use spanned;

/// Notes the status that an attempt or a call ended with.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
}

/// Notes the failure that an attempt or a call ended with.
pub(crate) fn failed(span: &Span, error: &Error) {
    if let Some(status) = error.status() {
        answered(span, status.as_u16());
    }
    span.record("error.type", tracing::field::display(error.kind()));
    span.record("otel.status_code", "ERROR");
}

/// Notes how many attempts a call took.
pub(crate) fn ended(span: &Span, attempts: u32) {
    span.record("twinkit.attempts", attempts);
}

/// Tells that a list ended although there may be more, which nothing in its
/// pages says.
pub(crate) fn list_ended(end: Option<ListEnd>) {
    if let Some(ListEnd::Ceiling(most)) = end {
        tracing::warn!(most, "the list ended at the service's ceiling; there may be more");
    }
}

/// Tells that a call waits for another attempt, and by which rule.
pub(crate) fn repeating(rule: &Rule, wait: Duration) {
    let wait_seconds = wait.as_secs_f64();
    tracing::debug!(fault = rule.shown, because = rule.because, wait_seconds, "trying again");
}
