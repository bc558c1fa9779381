//! iModels v2: iModels with their briefcases, changesets, named versions,
//! checkpoints and locks.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
