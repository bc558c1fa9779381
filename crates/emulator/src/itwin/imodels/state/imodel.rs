//! An iModel and what belongs to nothing else.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Changeset, ChangesetGroup, Locks, NamedVersion, Pushed};

/// How the making of an iModel ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It can be used.
    #[default]
    Successful,
    /// It fails.
    Failed,
    /// A fork fails, as elements of the main iModel have no federation GUIDs; any
    /// other making just fails.
    #[serde(rename = "mainIModelIsMissingFederationGuids")]
    MissingFederationGuids,
}

/// How far the making of an iModel is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Making {
    /// The baseline file is not there yet.
    WaitingForFile,
    Begun {
        /// When the iModel is initialized, if all goes well.
        initialized: Timestamp,
        /// When the operation ends.
        done: Timestamp,
        outcome: Outcome,
    },
}

/// What an iModel was copied from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Copied {
    pub(crate) imodel_id: String,
    /// Empty: the baseline.
    pub(crate) changeset_id: String,
    /// Of a fork; none: it is a clone.
    pub(crate) relationship_id: Option<String>,
}

/// An iModel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IModel {
    pub(crate) id: String,
    pub(crate) itwin_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) extent: Option<Extent>,
    pub(crate) containers_enabled: i64,
    pub(crate) data_center: String,
    pub(crate) created: Timestamp,
    pub(crate) creator_id: String,
    pub(crate) making: Making,
    pub(crate) copied: Option<Copied>,
    /// None: it began empty.
    pub(crate) baseline: Option<Baseline>,
    /// Whether there is a picture of it in storage.
    pub(crate) has_thumbnail: bool,
    /// By number.
    pub(crate) briefcases: BTreeMap<u32, Briefcase>,
    /// The number of the last briefcase there was.
    pub(crate) last_briefcase: u32,
    /// Those whose files are there; the first one has the index 1.
    pub(crate) changesets: Vec<Changeset>,
    /// The one whose file is still on its way.
    pub(crate) pushed: Option<Pushed>,
    pub(crate) groups: IndexMap<String, ChangesetGroup>,
    pub(crate) named_versions: IndexMap<String, NamedVersion>,
    /// When the checkpoint of a changeset is ready, by the changeset's index.
    pub(crate) checkpoints: BTreeMap<usize, Timestamp>,
    pub(crate) locks: Locks,
    /// What a role permits here, by the role's id.
    pub(crate) role_permissions: IndexMap<String, Vec<String>>,
    /// What a user may do here, by the user's id.
    pub(crate) user_permissions: IndexMap<String, Vec<String>>,
    pub(crate) shares: IndexMap<String, Share>,
}

impl IModel {
    /// Whether it can be used.
    pub(crate) fn is_initialized(&self, now: Timestamp) -> bool {
        match self.making {
            Making::WaitingForFile => false,
            Making::Begun { initialized, outcome, .. } => {
                outcome == Outcome::Successful && initialized <= now
            }
        }
    }

    /// The place of a changeset by its id, or 0 for none: that of the baseline.
    pub(crate) fn index_of(&self, id: Option<&str>) -> Option<usize> {
        match id {
            None | Some("") => Some(0),
            Some(id) => self
                .changesets
                .iter()
                .position(|changeset| changeset.id.eq_ignore_ascii_case(id))
                .map(|place| place + 1),
        }
    }

    /// The id of the changeset of this index; empty for the baseline.
    pub(crate) fn id_at(&self, index: usize) -> &str {
        let place = index.checked_sub(1);
        let changeset = place.and_then(|place| self.changesets.get(place));
        changeset.map_or("", |changeset| changeset.id.as_str())
    }
}

/// A point on the globe, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// A rectangle on the globe, as it goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extent {
    pub(crate) south_west: Point,
    pub(crate) north_east: Point,
}

/// The file that an iModel starts from; it lies in storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) id: String,
    /// Bytes that it is to have.
    pub(crate) size: u64,
}

/// The application that did something, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A copy that changes are pushed from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Briefcase {
    pub(crate) owner_id: String,
    pub(crate) acquired: Timestamp,
    pub(crate) device_name: Option<String>,
    pub(crate) program: Program,
    /// Bytes of what it starts from.
    pub(crate) size: u64,
}

/// A key that opens reads of the iModel to whoever has it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) key: String,
    pub(crate) creator_id: String,
    pub(crate) expires: Timestamp,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share").field("expires", &self.expires).finish_non_exhaustive()
    }
}
