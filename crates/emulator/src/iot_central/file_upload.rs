//! The configuration of file uploads as it is kept, and which state it is in.
//! Changes take a while; how far one has come follows from the clock alone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::state::Record;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileUpload {
    pub(crate) record: Record,
    /// What was done last, and when.
    pub(crate) change: Change,
    pub(crate) changed: Timestamp,
    /// Whether the change fails in the end.
    pub(crate) fails: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    Created,
    Updated,
    Deleted,
}

impl FileUpload {
    /// The state in the platform's words; none: it is gone.
    pub(crate) fn state(&self, now: Timestamp, takes: Duration) -> Option<&'static str> {
        let takes = SignedDuration::try_from(takes).unwrap_or(SignedDuration::MAX);
        let is_over = now.duration_since(self.changed) >= takes;
        match (self.change, is_over) {
            (Change::Created, false) => Some("pending"),
            (Change::Updated, false) => Some("updating"),
            (Change::Deleted, false) => Some("deleting"),
            (Change::Deleted, true) => None,
            (_, true) if self.fails => Some("failed"),
            (_, true) => Some("succeeded"),
        }
    }
}
