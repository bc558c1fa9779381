//! Shows what happened: one line per step for people, or one JSON object per
//! step and line for programs. It must not know what the steps do.

use std::future::Future;
use std::io::{self, Write};
use std::time::Instant;

use serde::Serialize;

use crate::output::json;

/// What a step did, for its line.
pub(super) struct Done {
    pub(super) status: Option<u16>,
    pub(super) detail: String,
}

/// What a step without a value gives.
pub(super) fn done(status: Option<u16>, detail: String) -> anyhow::Result<((), Done)> {
    Ok(((), Done { status, detail }))
}

/// One step as `--json` prints it.
#[derive(Serialize)]
struct Step<'a> {
    operation: &'a str,
    /// HTTP status of a step that is one call; none of several, and of what has none.
    status: Option<u16>,
    milliseconds: f64,
    ok: bool,
    detail: &'a str,
}

pub(super) struct Transcript {
    json: bool,
    failed: bool,
}

impl Transcript {
    pub(super) fn new(json: bool) -> Self {
        Self { json, failed: false }
    }

    /// Whether any step failed.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Runs a step and shows it. `None` if it failed.
    pub(super) async fn step<T>(
        &mut self,
        operation: &str,
        work: impl Future<Output = anyhow::Result<(T, Done)>>,
    ) -> Option<T> {
        let start = Instant::now();
        let outcome = work.await;
        let milliseconds = (start.elapsed().as_secs_f64() * 1e5).round() / 100.0;
        let (value, status, detail) = match outcome {
            Ok((value, done)) => (Some(value), done.status, done.detail),
            // The client's errors tell their causes themselves.
            Err(error) => (None, status_of(&error), format!("{error}{}", hint_of(&error))),
        };
        let ok = value.is_some();
        self.failed |= !ok;
        let step = Step { operation, status, milliseconds, ok, detail: &detail };
        let line = if self.json {
            json(&step).unwrap_or_default()
        } else {
            let mark = if ok { "ok    " } else { "FAILED" };
            let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            format!("{mark} {operation:<24} {status:>3} {milliseconds:>9.1} ms  {detail}")
        };
        // Nobody may be reading any more; what was created is removed all the same.
        let _ = writeln!(io::stdout(), "{line}");
        value
    }
}

fn service_error(error: &anyhow::Error) -> Option<&twinkit::digital_twins::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

fn status_of(error: &anyhow::Error) -> Option<u16> {
    service_error(error)?.status().map(|status| status.as_u16())
}

fn hint_of(error: &anyhow::Error) -> String {
    let hint = service_error(error).and_then(|error| error.hint());
    hint.map(|hint| format!("\n       hint: {hint}")).unwrap_or_default()
}
