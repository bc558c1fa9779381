//! The output of an import job: JSON lines appended to a blob.

use serde_json::{Value, json};

use super::blobs::{BlobFault, Blobs};
use crate::digital_twins::errors::ApiError;

/// Lines kept back before they are appended together.
const LINES: usize = 64;

/// The log of one job.
pub(super) struct Log {
    job: String,
    url: String,
    waiting: Vec<String>,
    /// How many items had an error.
    pub(super) errors: usize,
}

impl Log {
    /// A log that goes on after so many errors.
    pub(super) fn new(job: &str, url: &str, errors: usize) -> Self {
        Self { job: job.to_owned(), url: url.to_owned(), waiting: Vec::new(), errors }
    }

    /// Notes where the job, or a section of it, stands.
    pub(super) fn info(&mut self, now: String, section: Option<&str>, status: &str) {
        let details = match section {
            Some(section) => json!({"section": section, "status": status}),
            None => json!({"status": status}),
        };
        self.line(now, "Info", &details);
    }

    /// Notes an item that was not taken.
    pub(super) fn error(&mut self, now: String, section: &str, line: usize, error: &ApiError) {
        self.errors = self.errors.saturating_add(1);
        let details = json!({"section": section, "line": line, "error": error.to_json()});
        self.line(now, "Error", &details);
    }

    fn line(&mut self, now: String, kind: &str, details: &Value) {
        let line = json!({
            "timestamp": now,
            "jobId": self.job,
            "jobType": "Import",
            "logType": kind,
            "details": details,
        });
        self.waiting.push(format!("{line}\n"));
    }

    /// Whether enough lines wait to be appended.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= LINES
    }

    /// Appends what waits.
    pub(super) fn flush(&mut self, blobs: &dyn Blobs) -> Result<(), BlobFault> {
        let text: String = self.waiting.drain(..).collect();
        if text.is_empty() { Ok(()) } else { blobs.append(&self.url, text.as_bytes()) }
    }
}
