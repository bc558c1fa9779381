//! A plan: what would be done, item by item.

use std::fmt;

use super::ids::Ids;
use super::report::counts;
use super::{Keeper, NOT_IN_THE_API, Observer};
use crate::Client;
use crate::archive::Collection;
use crate::archive::error::shown;
use crate::archive::requests::Write;

/// What would be done, made by [`Restore::plan`](super::Restore::plan).
#[must_use = "nothing is changed until `apply` is awaited"]
pub struct Plan<'a> {
    pub(super) client: &'a Client,
    pub(super) concurrency: usize,
    pub(super) ids: Ids,
    pub(super) items: Vec<PlannedItem>,
    pub(super) takes_last_administrator: bool,
    pub(super) observer: Option<Observer<'a>>,
    pub(super) keeper: Option<Keeper<'a>>,
}

/// What would be done with one item.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlannedItem {
    /// What it is.
    pub collection: Collection,
    /// Its id in the archive; `*` for all of the collection.
    pub id: String,
    /// What would be done.
    pub action: Action,
    /// What of it would not be carried, and what changes on the way.
    pub notes: Vec<String>,
    pub(super) device: Option<String>,
    pub(super) conflict: bool,
    pub(super) write: Option<Write>,
}

/// What would be done with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// It is made.
    Create,
    /// It is there, differs, and is replaced.
    Replace,
    /// It is there and the same.
    Leave,
    /// It is not carried.
    Skip {
        /// Why not.
        reason: String,
    },
}

impl PlannedItem {
    /// An item that nothing is sent for.
    pub(super) fn idle(collection: Collection, id: &str, action: Action) -> Self {
        let (notes, device, conflict, write) = (Vec::new(), None, false, None);
        Self { collection, id: id.to_owned(), action, notes, device, conflict, write }
    }
}

impl Plan<'_> {
    /// Every item of the archive, in the order in which they are carried.
    #[must_use]
    pub fn items(&self) -> &[PlannedItem] {
        &self.items
    }

    /// Whether no user would be an administrator of the application any more. The
    /// portal does not let the last one go.
    #[must_use]
    pub fn takes_last_administrator(&self) -> bool {
        self.takes_last_administrator
    }

    /// What no API can carry, and must be set up by hand.
    #[must_use]
    pub fn not_in_the_api(&self) -> &'static [&'static str] {
        NOT_IN_THE_API
    }

    /// Whether nothing would be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.iter().all(|item| item.write.is_none())
    }
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("items", &self.items).finish_non_exhaustive()
    }
}

/// One line for each collection, one for each item that is skipped, and what no
/// API can carry.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: [&str; 4] = ["to create", "to replace", "the same", "skipped"];
        let place = |action: &Action| match action {
            Action::Create => 0,
            Action::Replace => 1,
            Action::Leave => 2,
            Action::Skip { .. } => 3,
        };
        let items = self.items.iter().map(|item| (item.collection, place(&item.action)));
        for (collection, line) in counts(items, WORDS) {
            writeln!(f, "{collection}: {line}")?;
        }
        for item in &self.items {
            if let Action::Skip { reason } = &item.action {
                let (id, reason) = (shown(&item.id), shown(reason));
                writeln!(f, "skipped {id} of {}: {reason}", item.collection)?;
            }
        }
        if self.takes_last_administrator {
            writeln!(f, "beware: no user would be an administrator any more")?;
        }
        write!(f, "not in the API: {}", NOT_IN_THE_API.join("; "))
    }
}
