//! Where an instance keeps its state.
//!
//! Reads go to [`Tables`], which are always in memory and indexed for
//! everything the platform asks. Writes are [`Change`]s, applied in groups that
//! succeed or fail whole. A [`Store`] decides what happens to a change before
//! it reaches the tables: [`MemoryStore`] does nothing more, [`FileStore`] writes
//! it down first.
//!
//! The store checks nothing: what reaches it has passed the rules.

mod adjacency;
mod file;
mod graph;
mod lag;
mod records;
mod tables;

use std::io;

pub(crate) use file::FileStore;
pub(crate) use lag::LaggingView;
pub use records::{
    EventRouteRecord, JobError, JobProgress, JobRecord, JobStatus, ModelRecord, RelationshipRecord,
    TwinRecord,
};
pub use tables::{Change, Tables};

/// The state of one instance.
pub trait Store: Send + Sync {
    /// The state as of the last change.
    fn tables(&self) -> &Tables;

    /// Applies all of `changes`, or none and says why.
    fn apply(&mut self, changes: &[Change]) -> io::Result<()>;
}

/// A store that forgets everything when it goes away.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Tables,
}

impl Store for MemoryStore {
    fn tables(&self) -> &Tables {
        &self.tables
    }

    fn apply(&mut self, changes: &[Change]) -> io::Result<()> {
        for change in changes {
            self.tables.apply(change);
        }
        Ok(())
    }
}
