//! What the store holds: one record per model, twin, relationship, route, job.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digital_twins::{dtdl::Model, filters::Filter};

/// A stored model.
#[derive(Debug, Clone)]
pub struct ModelRecord {
    /// The checked model with its inherited tables.
    pub model: Arc<Model>,
    /// The document as it was sent.
    pub document: Arc<Value>,
    /// When it was stored.
    pub upload_time: Timestamp,
    /// Whether new twins of it are refused.
    pub decommissioned: bool,
}

/// A stored twin.
#[derive(Debug, Clone)]
pub struct TwinRecord {
    /// `$dtId`.
    pub id: Arc<str>,
    /// `$metadata.$model`; the model itself may be gone.
    pub model: Arc<str>,
    /// The etag, which `document` repeats.
    pub etag: String,
    /// The whole document as `GET` answers it.
    pub document: Value,
}

/// A stored relationship.
#[derive(Debug, Clone)]
pub struct RelationshipRecord {
    /// `$sourceId`.
    pub source: Arc<str>,
    /// `$relationshipId`.
    pub id: Arc<str>,
    /// `$relationshipName`.
    pub name: Arc<str>,
    /// `$targetId`.
    pub target: Arc<str>,
    /// The etag, which `document` repeats.
    pub etag: String,
    /// The whole document as `GET` answers it.
    pub document: Value,
}

/// A stored event route.
#[derive(Debug, Clone)]
pub struct EventRouteRecord {
    /// The id in the path.
    pub id: String,
    /// Name of the endpoint it sends to.
    pub endpoint: String,
    /// The filter as it was sent.
    pub filter_text: String,
    /// The filter, parsed.
    pub filter: Arc<Filter>,
}

/// States of bulk jobs; only import jobs can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobStatus {
    /// Accepted, not begun.
    NotStarted,
    /// Working.
    Running,
    /// Ended without a fault.
    Succeeded,
    /// Ended with faults; what was written stays.
    Failed,
    /// Asked to stop.
    Cancelling,
    /// Stopped; what was written stays.
    Cancelled,
}

impl JobStatus {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "notstarted",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the job holds the one place for bulk jobs.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::NotStarted | Self::Running | Self::Cancelling)
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// The code, as `DTDLParsingError`.
    pub code: String,
    /// What went wrong.
    pub message: String,
}

/// How far an import job has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// Steps that are done: the models together are one, any other line is one.
    pub steps: usize,
    /// Items that were not taken.
    pub errors: usize,
}

/// A stored bulk job, import or delete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRecord {
    /// The id chosen by the client or made for it.
    pub id: String,
    /// Where it stands.
    pub status: JobStatus,
    /// Addresses of input and output; import jobs have them.
    pub blobs: Option<(String, String)>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When its state changed last.
    pub last_action: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// When the record goes away.
    pub purge: Timestamp,
    /// Why it failed.
    pub error: Option<JobError>,
    /// How far it has come; delete jobs need no such note.
    pub progress: JobProgress,
    /// When a delete job has to be done.
    pub deadline: Option<Timestamp>,
}
