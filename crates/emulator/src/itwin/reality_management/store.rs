//! What is known of reality data. Their files lie in storage, in a container of
//! the same id.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{data::Table, itwin::state::Document};

/// All reality data.
#[derive(Debug, Default)]
pub(crate) struct RealityStore {
    /// By id, in the order in which they were made.
    pub(in crate::itwin) data: Table<IndexMap<String, RealityData>>,
}

/// One set of reality data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::itwin) struct RealityData {
    pub(super) id: String,
    /// What people say of them, by the names of members.
    pub(super) members: Document,
    pub(super) owner_id: String,
    pub(super) authoring: bool,
    pub(super) data_center: String,
    /// The ids of the iTwins that they belong to.
    pub(super) itwins: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) accessed: Timestamp,
}

impl RealityData {
    pub(super) fn text(&self, member: &str) -> &str {
        self.members.get(member).and_then(|value| value.as_str()).unwrap_or_default()
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        let tags = self.members.get("tags").and_then(|value| value.as_array());
        tags.into_iter().flatten().filter_map(|tag| tag.as_str())
    }
}

impl RealityStore {
    /// Takes all data from an iTwin that is no more.
    pub(crate) fn remove_itwin(&mut self, itwin_id: &str) {
        self.data.change_where(
            |data| data.itwins.iter().any(|id| id == itwin_id),
            |data| data.itwins.retain(|id| id != itwin_id),
        );
    }
}
