//! iModels v2: iModels with their briefcases, changesets, named versions,
//! checkpoints and locks.
//!
//! Beside the operations, by hand: the [latest changeset](Client::latest_changeset),
//! [clones](Client::start_clone) and forks, [locks](Client::change_locks) in any
//! number, [changesets](Client::push_changeset) and [baselines](Client::create_from_baseline)
//! put in one call, and [waits](Client::wait_for_creation).

mod conflict;
mod copies;
mod files;
#[rustfmt::skip]
mod generated;
mod latest;
mod locks;
mod waits;

pub use conflict::{Conflict, ConflictingLock};
pub use copies::StartedCopy;
pub use generated::{Client, OPERATIONS, builder, enums, types};
pub use locks::{ChangeLocks, ChangedLocks, RefusedLocks};
