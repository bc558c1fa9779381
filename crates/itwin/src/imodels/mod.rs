//! iModels v2: iModels with their briefcases, changesets, named versions,
//! checkpoints and locks.

mod conflict;
#[rustfmt::skip]
mod generated;

pub use conflict::{Conflict, ConflictingLock};
pub use generated::{Client, OPERATIONS, builder, enums, types};
