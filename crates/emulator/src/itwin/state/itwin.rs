//! An iTwin and what belongs to nothing else.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Team};

/// An iTwin. An account is one, too.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ITwin {
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) sub_class: String,
    /// The member `type`.
    pub(crate) kind: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) display_name: String,
    pub(crate) account_id: String,
    pub(crate) status: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) data_center: String,
    pub(crate) iana_time_zone: Option<String>,
    pub(crate) geographic_location: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) image: Option<Image>,
    pub(crate) created: Timestamp,
    pub(crate) created_by: String,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) modified_by: Option<String>,
    pub(crate) team: Team,
    /// Those that somebody made, by id.
    pub(crate) repositories: IndexMap<String, Repository>,
}

impl ITwin {
    /// Whether it is an account.
    pub(crate) fn is_account(&self) -> bool {
        self.class == "Account"
    }
}

/// Where the picture of an iTwin lies in storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) small: String,
    pub(crate) large: String,
}

/// A repository that somebody made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Repository {
    /// All members but the id.
    pub(crate) document: Document,
    /// By id.
    pub(crate) resources: IndexMap<String, Document>,
}
