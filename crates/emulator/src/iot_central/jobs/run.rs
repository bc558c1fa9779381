//! How far a job has come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::iot_central::state::Document;

/// The run of one job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) status: Status,
    pub(super) made: Timestamp,
    start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// When the batch at hand is done; none unless it is running.
    pub(super) next: Option<Timestamp>,
    pub(crate) devices: BTreeMap<String, DeviceStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Pending,
    Running,
    Complete,
    Cancelled,
    Failed,
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeviceStatus {
    Pending,
    Completed,
    Failed,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

impl DeviceStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl Run {
    /// One that waits for its turn.
    pub(crate) fn new(devices: impl IntoIterator<Item = String>, now: Timestamp) -> Self {
        Self {
            status: Status::Pending,
            made: now,
            start: None,
            end: None,
            next: None,
            devices: devices.into_iter().map(|id| (id, DeviceStatus::Pending)).collect(),
        }
    }

    /// Starts it or lets it go on; a batch takes `batch`.
    pub(super) fn go(&mut self, at: Timestamp, batch: std::time::Duration) {
        self.status = Status::Running;
        self.start = self.start.or(Some(at));
        self.next = Some(at.saturating_add(batch).unwrap_or(Timestamp::MAX));
    }

    /// Lets it wait for its turn again.
    pub(crate) fn wait(&mut self, now: Timestamp) {
        self.status = Status::Pending;
        self.made = now;
        self.end = None;
    }

    /// Ends it, or stops it.
    pub(crate) fn end(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.end = Some(at);
        self.next = None;
    }

    pub(crate) fn count(&self, status: DeviceStatus) -> usize {
        self.devices.values().filter(|found| **found == status).count()
    }

    /// The devices of the batch at hand.
    pub(super) fn batch(&self, document: &Document) -> Vec<String> {
        let size = batch_size(document, self.devices.len());
        let pending = self.devices.iter().filter(|(_, status)| **status == DeviceStatus::Pending);
        pending.map(|(id, _)| id.clone()).take(size).collect()
    }

    /// Whether more devices failed than the job's threshold says, of all or of the
    /// batch that was just done.
    pub(super) fn passes_threshold(&self, document: &Document, batch: &[String]) -> bool {
        let Some(threshold) = document.get("cancellationThreshold") else { return false };
        let failed = |id: &String| self.devices.get(id) == Some(&DeviceStatus::Failed);
        let (failed, total) = if threshold.get("batch") == Some(&Value::Bool(true)) {
            (batch.iter().filter(|id| failed(id)).count(), batch.len())
        } else {
            (self.count(DeviceStatus::Failed), self.devices.len())
        };
        let Some(most) = threshold.get("value").and_then(Value::as_f64) else { return false };
        let is_percentage = threshold.get("type").is_some_and(|kind| kind == "percentage");
        let failed = as_f64(failed);
        if is_percentage { failed * 100.0 > most * as_f64(total) } else { failed > most }
    }

    /// What answers add to the job's document.
    pub(crate) fn show(&self, members: &mut Document) {
        let mut add = |name: &str, at: Option<Timestamp>| {
            if let Some(at) = at {
                members.insert(name.to_owned(), format!("{at:.3}").into());
            }
        };
        add("start", self.start);
        add("end", self.end);
        let progress = json!({
            "total": self.devices.len(),
            "pending": self.count(DeviceStatus::Pending),
            "completed": self.count(DeviceStatus::Completed),
            "failed": self.count(DeviceStatus::Failed),
        });
        members.insert("progress".to_owned(), progress);
        members.insert("status".to_owned(), self.status.word().into());
    }
}

/// Devices of a batch, at least one. Parts of devices are rounded up.
fn batch_size(document: &Document, total: usize) -> usize {
    let Some(batch) = document.get("batch") else { return total.max(1) };
    let value = batch.get("value").and_then(Value::as_f64).unwrap_or(f64::MAX);
    let is_percentage = batch.get("type").is_some_and(|kind| kind == "percentage");
    let wanted = if is_percentage { as_f64(total) * value / 100.0 } else { value };
    (1..=total).find(|size| as_f64(*size) >= wanted).unwrap_or(total.max(1))
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
