//! What is stored: folders and files of all iTwins, in the recycle bin or not.
//! Nothing of HTTP, of names or of callers.

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::data::{Piece, Table};

/// How long something stays in the recycle bin.
const BIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The folders and files of all iTwins, but the root folders, which are always
/// there.
#[derive(Debug, Default)]
pub(crate) struct Drives {
    /// By id, in the order in which they were made.
    items: Table<IndexMap<String, Item>>,
}

/// A folder or a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(super) id: String,
    pub(super) itwin_id: String,
    /// A root folder, or a folder among the items.
    pub(super) parent_id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) created: Timestamp,
    pub(super) created_by: String,
    pub(super) modified: Timestamp,
    pub(super) modified_by: String,
    /// When it was put into the recycle bin.
    pub(super) deleted: Option<Timestamp>,
    /// None: it is a folder.
    pub(super) content: Option<Content>,
}

/// What a file has and a folder has not.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Content {
    /// The blob; none: it was never completed, and is not shown.
    pub(super) blob: Option<String>,
    /// Bytes of that blob.
    pub(super) size: u64,
    /// The blob of content that is not completed yet.
    pub(super) upload: Option<String>,
    /// The id of the user who locked it.
    pub(super) locked_by: Option<String>,
}

/// Folder or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    Folder,
    File,
}

impl Item {
    pub(super) fn nature(&self) -> Nature {
        if self.content.is_some() { Nature::File } else { Nature::Folder }
    }

    /// The blob with the content of a completed file.
    pub(super) fn blob(&self) -> Option<&str> {
        self.content.as_ref()?.blob.as_deref()
    }

    /// The id of the user who locked the file.
    pub(super) fn locked_by(&self) -> Option<&str> {
        self.content.as_ref()?.locked_by.as_deref()
    }

    fn is_complete(&self) -> bool {
        self.nature() == Nature::Folder || self.blob().is_some()
    }

    fn blobs(&self) -> impl Iterator<Item = &String> {
        let content = self.content.iter();
        content.flat_map(|content| content.blob.iter().chain(&content.upload))
    }
}

impl Drives {
    pub(crate) fn piece(&mut self) -> &mut dyn Piece {
        &mut self.items
    }

    pub(super) fn insert(&mut self, item: Item) {
        self.items.insert(item.id.clone(), item);
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.items.get_mut(id)
    }

    /// An item that is not deleted, nor lies in anything deleted; files also
    /// before they are complete.
    pub(super) fn kept(&self, id: &str, nature: Nature) -> Option<&Item> {
        let item = self.items.get(id).filter(|item| item.nature() == nature)?;
        self.line(item).all(|item| item.deleted.is_none()).then_some(item)
    }

    /// The same, unless it is a file that is not complete.
    pub(super) fn shown(&self, id: &str, nature: Nature) -> Option<&Item> {
        self.kept(id, nature).filter(|item| item.is_complete())
    }

    /// What lies in a folder, folders first.
    pub(super) fn within(&self, folder_id: &str) -> Vec<&Item> {
        let lie_here = |item: &&Item| {
            item.parent_id == folder_id && item.deleted.is_none() && item.is_complete()
        };
        let mut found: Vec<&Item> = self.items.values().filter(lie_here).collect();
        found.sort_by_key(|item| item.nature() == Nature::File);
        found
    }

    /// What lies in a folder or below it, folders first.
    pub(super) fn below(&self, folder_id: &str) -> Vec<&Item> {
        let lie_below = |item: &&Item| {
            item.is_complete()
                && self.line(item).all(|item| item.deleted.is_none())
                && self.line(item).any(|item| item.parent_id == folder_id)
        };
        let mut found: Vec<&Item> = self.items.values().filter(lie_below).collect();
        found.sort_by_key(|item| item.nature() == Nature::File);
        found
    }

    /// Whether a folder is another one or lies below it.
    pub(super) fn is_in(&self, folder_id: &str, other_id: &str) -> bool {
        folder_id == other_id
            || self.items.get(folder_id).is_some_and(|item| {
                self.line(item).any(|item| item.id == other_id || item.parent_id == other_id)
            })
    }

    /// The names of an item and of the folders that it lies in, but the root, with
    /// slashes between them.
    pub(super) fn path(&self, item: &Item) -> String {
        let mut names: Vec<&str> = self.line(item).map(|item| item.name.as_str()).collect();
        names.reverse();
        names.join("/")
    }

    /// An item and the folders that it lies in, up to the root.
    fn line<'d>(&'d self, item: &'d Item) -> impl Iterator<Item = &'d Item> {
        // No circle can be stored; the bound is for one that was taken up.
        std::iter::successors(Some(item), |item| self.items.get(&item.parent_id))
            .take(self.items.len())
    }

    /// What is in the recycle bin of an iTwin.
    pub(super) fn bin(&self, itwin_id: &str, now: Timestamp) -> Vec<&Item> {
        let lie_there = |item: &&Item| item.itwin_id == itwin_id && is_binned(item, now);
        let mut found: Vec<&Item> = self.items.values().filter(lie_there).collect();
        found.sort_by_key(|item| item.nature() == Nature::File);
        found
    }

    /// An item in the recycle bin.
    pub(super) fn binned(&self, id: &str, nature: Nature, now: Timestamp) -> Option<&Item> {
        self.items.get(id).filter(|item| item.nature() == nature && is_binned(item, now))
    }

    /// Takes an item out, with all that lies below it; answers the blobs that
    /// nothing needs any more.
    pub(super) fn purge(&mut self, id: &str) -> Vec<String> {
        let doomed: Vec<String> = self
            .items
            .values()
            .filter(|item| self.line(item).any(|it| it.id == id))
            .map(|item| item.id.clone())
            .collect();
        self.take(&doomed)
    }

    /// Takes out what has lain in the recycle bin too long; answers the blobs that
    /// nothing needs any more.
    pub(super) fn sweep(&mut self, now: Timestamp) -> Vec<String> {
        let is_old = |item: &Item| item.deleted.is_some() && !is_binned(item, now);
        let doomed: Vec<String> = self
            .items
            .values()
            .filter(|item| self.line(item).any(is_old))
            .map(|item| item.id.clone())
            .collect();
        self.take(&doomed)
    }

    /// Takes out everything of an iTwin.
    pub(crate) fn remove_itwin(&mut self, itwin_id: &str) {
        self.items.retain(|_, item| item.itwin_id != itwin_id);
    }

    fn take(&mut self, ids: &[String]) -> Vec<String> {
        let taken: Vec<Item> = ids.iter().filter_map(|id| self.items.remove(id)).collect();
        taken.iter().flat_map(Item::blobs).cloned().collect()
    }
}

fn is_binned(item: &Item, now: Timestamp) -> bool {
    item.deleted.is_some_and(|time| now < time.saturating_add(BIN).unwrap_or(Timestamp::MAX))
}
