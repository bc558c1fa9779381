//! What the platform holds. All of it can be written down and taken up again.

mod itwin;
mod team;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
pub(crate) use itwin::{ITwin, Image, Repository};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
pub(crate) use team::{Group, Invitation, Invited, Job, Role, Share, Team};

use super::{
    imodels::ImodelsState, itwins::Export, reality_management::RealityStore, storage::Drives,
    webhooks::Webhook,
};

/// The members of a JSON object.
pub(crate) type Document = Map<String, Value>;

/// What the platform holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// By id, in the order in which they were made; accounts among them.
    pub(crate) itwins: IndexMap<String, ITwin>,
    /// The ids of the users who administrate the account of their own.
    pub(crate) administrators: BTreeSet<String>,
    /// The ids of the iTwins that a user marked, by the user's id.
    pub(crate) favorites: BTreeMap<String, Vec<String>>,
    /// The ids of the iTwins that a user opened, the newest first.
    pub(crate) recents: BTreeMap<String, Vec<String>>,
    /// The newest first.
    pub(crate) exports: Vec<Export>,
    /// Groups of the identity service by name.
    pub(crate) ims_groups: IndexMap<String, ImsGroup>,
    /// Client ids that the platform denies to know.
    pub(crate) unknown_clients: BTreeSet<String>,
    pub(crate) imodels: ImodelsState,
    /// Folders and files.
    pub(crate) drives: Drives,
    pub(crate) reality: RealityStore,
    /// By id, in the order in which they were made.
    pub(crate) webhooks: IndexMap<String, Webhook>,
}

impl State {
    /// Takes an iTwin out, with all that points to it.
    pub(crate) fn remove_itwin(&mut self, id: &str) {
        self.itwins.shift_remove(id);
        self.drives.remove_itwin(id);
        self.reality.remove_itwin(id);
        let children = self.itwins.values_mut();
        for child in children.filter(|child| child.parent_id.as_deref() == Some(id)) {
            child.parent_id = None;
        }
        for marked in self.favorites.values_mut().chain(self.recents.values_mut()) {
            marked.retain(|other| other != id);
        }
        self.imodels.remove_all_of(id);
    }
}

/// A group of the identity service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ImsGroup {
    pub(crate) id: String,
    pub(crate) account_id: String,
    /// The ids of the users in it.
    pub(crate) users: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_state_can_be_kept_and_taken_up_and_shows_no_secrets() {
        let now = Timestamp::UNIX_EPOCH;
        let mut itwin = ITwin::new("1".to_owned(), "a".to_owned(), "East US", now, "u");
        let Value::Object(document) = json!({"authentication": {"value": "pass word"}}) else {
            panic!("an object")
        };
        let repository = Repository { document, resources: IndexMap::new() };
        itwin.repositories.insert("r".to_owned(), repository);
        let share = Share {
            key: "pass key".to_owned(),
            contract: "Default".to_owned(),
            client_id: "c".to_owned(),
            expires: now,
        };
        itwin.team.shares.insert("s".to_owned(), share);
        let mut state = State::default();
        state.itwins.insert("1".to_owned(), itwin);
        state.favorites.insert("u".to_owned(), vec!["1".to_owned()]);
        let kept = serde_json::to_string(&state).unwrap();
        let mut taken_up: State = serde_json::from_str(&kept).unwrap();
        assert_eq!(serde_json::to_string(&taken_up).unwrap(), kept);
        let shown = format!("{taken_up:?}");
        assert!(!shown.contains("pass word") && !shown.contains("pass key"), "{shown}");
        taken_up.remove_itwin("1");
        assert!(taken_up.itwins.is_empty() && taken_up.favorites["u"].is_empty());
    }
}
