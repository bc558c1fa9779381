//! What the platform holds of iModels. It can be written down and taken up again.

mod history;
mod imodel;
mod locks;

use std::collections::BTreeMap;

pub(crate) use history::{Changeset, ChangesetGroup, NamedVersion, Pushed};
pub use imodel::Outcome;
pub(crate) use imodel::{
    Baseline, Briefcase, Copied, Extent, IModel, Making, Point, Program, Share,
};
use indexmap::IndexMap;
use jiff::Timestamp;
pub(crate) use locks::{Held, Level, Locks};

use crate::{
    data::{Piece, Table, Whole},
    itwin::state::unmark,
};

/// All iModels, and what users marked of them.
#[derive(Debug, Default)]
pub(crate) struct ImodelsState {
    /// By id, in the order in which they were made.
    pub(super) imodels: Table<IndexMap<String, IModel>>,
    /// The ids of the iModels that a user marked, by the user's id.
    pub(super) favorites: Table<BTreeMap<String, Vec<String>>>,
    /// The ids of the iModels that a user opened, the newest first.
    pub(super) recents: Table<BTreeMap<String, Vec<String>>>,
    /// When a user got briefcases in the last minute, by the user's id.
    pub(super) acquisitions: Table<BTreeMap<String, Vec<Timestamp>>>,
    /// How the making of iModels that begins from now on ends.
    pub(super) outcome: Whole<Outcome>,
}

impl ImodelsState {
    /// Its pieces under names that no others of the platform have.
    pub(crate) fn pieces(&mut self) -> [(&'static str, &mut dyn Piece); 5] {
        [
            ("imodels", &mut self.imodels),
            ("imodelFavorites", &mut self.favorites),
            ("imodelRecents", &mut self.recents),
            ("imodelAcquisitions", &mut self.acquisitions),
            ("imodelOutcome", &mut self.outcome),
        ]
    }

    /// Takes out an iModel, with all that points to it.
    pub(super) fn remove(&mut self, id: &str) {
        self.imodels.remove(id);
        unmark(&mut self.favorites, id);
        unmark(&mut self.recents, id);
    }

    /// Takes out all iModels of an iTwin.
    pub(crate) fn remove_all_of(&mut self, itwin_id: &str) {
        let of_itwin = self.imodels.values().filter(|imodel| imodel.itwin_id == itwin_id);
        let ids: Vec<String> = of_itwin.map(|imodel| imodel.id.clone()).collect();
        for id in ids {
            self.remove(&id);
        }
    }

    /// The id of the iModel that a share key opens now.
    pub(crate) fn shared_by(&self, key: &str, now: Timestamp) -> Option<&str> {
        self.imodels.values().find_map(|imodel| {
            let mut shares = imodel.shares.values();
            shares.any(|share| share.key == key && now < share.expires).then_some(&*imodel.id)
        })
    }
}
