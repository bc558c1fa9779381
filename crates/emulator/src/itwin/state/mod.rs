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
use crate::data::{Piece, Pieces, Table, Whole};

/// The members of a JSON object.
pub(crate) type Document = Map<String, Value>;

/// What the platform holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// By id, in the order in which they were made; accounts among them.
    pub(crate) itwins: Table<IndexMap<String, ITwin>>,
    /// The ids of the users who administrate the account of their own.
    pub(crate) administrators: Whole<BTreeSet<String>>,
    /// The ids of the iTwins that a user marked, by the user's id.
    pub(crate) favorites: Table<BTreeMap<String, Vec<String>>>,
    /// The ids of the iTwins that a user opened, the newest first.
    pub(crate) recents: Table<BTreeMap<String, Vec<String>>>,
    /// The newest first.
    pub(crate) exports: Whole<Vec<Export>>,
    /// Groups of the identity service by name.
    pub(crate) ims_groups: Table<IndexMap<String, ImsGroup>>,
    /// Client ids that the platform denies to know.
    pub(crate) unknown_clients: Whole<BTreeSet<String>>,
    pub(crate) imodels: ImodelsState,
    /// Folders and files.
    pub(crate) drives: Drives,
    pub(crate) reality: RealityStore,
    /// By id, in the order in which they were made.
    pub(crate) webhooks: Table<IndexMap<String, Webhook>>,
}

impl Pieces for State {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        let mut pieces: Vec<(&'static str, &mut dyn Piece)> = vec![
            ("itwins", &mut self.itwins),
            ("administrators", &mut self.administrators),
            ("favorites", &mut self.favorites),
            ("recents", &mut self.recents),
            ("exports", &mut self.exports),
            ("imsGroups", &mut self.ims_groups),
            ("unknownClients", &mut self.unknown_clients),
            ("items", self.drives.piece()),
            ("realityData", &mut self.reality.data),
            ("webhooks", &mut self.webhooks),
        ];
        pieces.extend(self.imodels.pieces());
        pieces
    }
}

impl State {
    /// Takes an iTwin out, with all that points to it.
    pub(crate) fn remove_itwin(&mut self, id: &str) {
        self.itwins.remove(id);
        self.drives.remove_itwin(id);
        self.reality.remove_itwin(id);
        self.itwins.change_where(
            |child| child.parent_id.as_deref() == Some(id),
            |child| child.parent_id = None,
        );
        unmark(&mut self.favorites, id);
        unmark(&mut self.recents, id);
        self.imodels.remove_all_of(id);
    }
}

/// Takes an id out of what users marked.
pub(crate) fn unmark(marks: &mut Table<BTreeMap<String, Vec<String>>>, id: &str) {
    let has_it = |marked: &Vec<String>| marked.iter().any(|other| other == id);
    marks.change_where(has_it, |marked| marked.retain(|other| other != id));
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
    use crate::data::after_restart;

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
        let mut taken_up = after_restart(&mut state, State::default());
        let known = serde_json::to_value(&*state.itwins).unwrap();
        assert_eq!(serde_json::to_value(&*taken_up.itwins).unwrap(), known);
        assert_eq!(taken_up.itwins["1"].team.shares["s"].key, "pass key");
        let shown = format!("{taken_up:?}");
        assert!(!shown.contains("pass word") && !shown.contains("pass key"), "{shown}");
        taken_up.remove_itwin("1");
        assert!(taken_up.itwins.is_empty() && taken_up.favorites["u"].is_empty());
    }
}
