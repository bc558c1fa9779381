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
    /// An active one without class and name, of which nothing more is known.
    pub(crate) fn new(
        id: String,
        account_id: String,
        data_center: &str,
        created: Timestamp,
        created_by: &str,
    ) -> Self {
        Self {
            id,
            class: String::new(),
            sub_class: String::new(),
            kind: None,
            number: None,
            display_name: String::new(),
            account_id,
            status: "Active".to_owned(),
            parent_id: None,
            data_center: data_center.to_owned(),
            iana_time_zone: None,
            geographic_location: None,
            latitude: None,
            longitude: None,
            image: None,
            created,
            created_by: created_by.to_owned(),
            modified: None,
            modified_by: None,
            team: Team::default(),
            repositories: IndexMap::new(),
        }
    }

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
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Repository {
    /// All members but the id.
    pub(crate) document: Document,
    /// By id.
    pub(crate) resources: IndexMap<String, Document>,
}

impl std::fmt::Debug for Repository {
    /// Without the document, which may hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("resources", &self.resources).finish_non_exhaustive()
    }
}
