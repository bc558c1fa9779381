//! What is told of an export, on the way and at its end.

use std::fmt;

use crate::archive::Collection;
use crate::archive::error::shown;
use crate::archive::manifest::{Entry, Manifest};

/// Where an export stands after a page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExportProgress {
    /// What is being exported.
    pub collection: Collection,
    /// Lines of its file so far.
    pub items: u64,
    /// Its pages so far. What is asked for item by item counts 25 items as one.
    pub pages: u64,
    /// Whether it is done.
    pub done: bool,
}

impl fmt::Display for ExportProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collection, items, pages, done } = self;
        let end = if *done { ", done" } else { "" };
        write!(f, "{collection}: {items} items in {pages} pages{end}")
    }
}

/// What an export has in its folder now, runs before this one included.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportReport {
    /// Each collection, in the order of export.
    pub collections: Vec<Exported>,
    /// Whether this run went on with one that was stopped.
    pub resumed: bool,
    /// Collections that this run began anew because the service no longer took
    /// the link to their next page.
    pub restarted: Vec<Collection>,
}

/// What became of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The collection.
    pub collection: Collection,
    /// Lines of its file.
    pub items: u64,
    /// Pages that they came in.
    pub pages: u64,
    /// Why it is missing, if it is.
    pub missing: Option<String>,
    /// Items that were deleted between being listed and being asked for.
    pub gone: Vec<String>,
}

impl ExportReport {
    pub(super) fn new(manifest: Manifest, resumed: bool, restarted: Vec<Collection>) -> Self {
        let collections = manifest.files.into_iter().map(Exported::from).collect();
        Self { collections, resumed, restarted }
    }

    /// Whether every collection is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.collections.iter().all(|exported| exported.missing.is_none())
    }

    /// What became of one collection.
    #[must_use]
    pub fn get(&self, collection: Collection) -> Option<&Exported> {
        self.collections.iter().find(|exported| exported.collection == collection)
    }
}

impl From<Entry> for Exported {
    fn from(entry: Entry) -> Self {
        let Entry { collection, items, pages, reason: missing, gone, .. } = entry;
        Self { collection, items, pages, missing, gone }
    }
}

/// One line for each collection.
impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, exported) in self.collections.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            let Exported { collection, items, missing, gone, .. } = exported;
            match missing {
                Some(reason) => write!(f, "{collection}: missing, {}", shown(reason))?,
                None => write!(f, "{collection}: {items}")?,
            }
            if !gone.is_empty() {
                write!(f, ", {} deleted meanwhile", gone.len())?;
            }
        }
        Ok(())
    }
}
