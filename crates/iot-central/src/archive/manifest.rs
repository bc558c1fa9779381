//! `manifest.json`: what an archive is of, and how far each of its files is.

use serde::{Deserialize, Serialize};

use super::{Collection, FORMAT};
use crate::{API_VERSION, Timestamp};

/// The whole manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// Base URL of the application.
    pub(super) application: String,
    pub(super) api_version: String,
    /// Whether keys are in it in clear.
    pub(super) secrets: bool,
    pub(super) started: Timestamp,
    /// Absent until all is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<Timestamp>,
    pub(super) files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) collection: Collection,
    pub(super) file: String,
    pub(super) state: State,
    pub(super) items: u64,
    pub(super) pages: u64,
    /// Length of the file that counts; what stands behind it was being written
    /// when the export was stopped.
    pub(super) bytes: u64,
    /// The link to the next page of a list that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
    /// How far the file that this one goes by has been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<u64>,
    /// Begun anew because the service no longer took a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) restarted: bool,
    /// Items that were deleted between being listed and being asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) gone: Vec<String>,
    /// Why it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum State {
    Pending,
    Running,
    Complete,
    /// The caller may not read it.
    Missing,
}

impl Manifest {
    pub(super) fn new(application: &str, secrets: bool) -> Self {
        Self {
            format: FORMAT,
            application: application.to_owned(),
            api_version: API_VERSION.to_owned(),
            secrets,
            started: Timestamp::now(),
            ended: None,
            files: Collection::ALL.iter().copied().map(Entry::new).collect(),
        }
    }

    pub(super) fn entry(&self, collection: Collection) -> Entry {
        let entry = self.files.iter().find(|entry| entry.collection == collection);
        entry.cloned().unwrap_or_else(|| Entry::new(collection))
    }

    pub(super) fn set(&mut self, entry: Entry) {
        match self.files.iter_mut().find(|there| there.collection == entry.collection) {
            Some(there) => *there = entry,
            None => self.files.push(entry),
        }
    }
}

impl Entry {
    pub(super) fn new(collection: Collection) -> Self {
        Self {
            collection,
            file: collection.file(),
            state: State::Pending,
            items: 0,
            pages: 0,
            bytes: 0,
            next: None,
            position: None,
            restarted: false,
            gone: Vec::new(),
            reason: None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Complete | State::Missing)
    }

    /// Marks it as whole; what was only needed on the way is forgotten.
    pub(super) fn complete(&mut self) {
        self.state = State::Complete;
        self.next = None;
        self.position = None;
        self.restarted = false;
    }

    pub(super) fn missing(collection: Collection, reason: String) -> Self {
        Self { state: State::Missing, reason: Some(reason), ..Self::new(collection) }
    }
}
