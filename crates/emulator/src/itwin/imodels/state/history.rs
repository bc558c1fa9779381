//! What was pushed to an iModel, and how that is grouped and named.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Program;
use crate::itwin::state::Document;

/// A changeset; its place is kept by whoever holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Changeset {
    /// 40 hexadecimal digits in lower case.
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    /// Empty: the baseline.
    pub(crate) parent_id: String,
    pub(crate) creator_id: String,
    pub(crate) program: Program,
    pub(crate) briefcase_id: u32,
    /// When its file was there; before that, when it was told of.
    pub(crate) pushed: Timestamp,
    /// Bit flags.
    pub(crate) containing_changes: i64,
    pub(crate) size: u64,
    pub(crate) group_id: Option<String>,
    /// As it was sent.
    pub(crate) synchronization_info: Option<Document>,
    /// Base64 of a JSON object.
    pub(crate) extended_data: Option<String>,
}

/// A changeset whose file is not there yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pushed {
    pub(crate) changeset: Changeset,
    /// After that it is in nobody's way.
    pub(crate) expires: Timestamp,
}

/// Changesets that belong together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangesetGroup {
    pub(crate) description: String,
    pub(crate) is_completed: bool,
    pub(crate) creator_id: String,
    pub(crate) created: Timestamp,
}

/// A changeset with a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NamedVersion {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The changeset's index; 0: the baseline.
    pub(crate) index: usize,
    pub(crate) is_hidden: bool,
    pub(crate) creator_id: String,
    pub(crate) created: Timestamp,
    pub(crate) program: Program,
}
