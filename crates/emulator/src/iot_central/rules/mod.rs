//! Checks of ids and bodies, and merge patches. They know no state.

mod body;
pub(super) mod ids;
mod merge_patch;

pub(super) use body::Body;
pub(super) use merge_patch::merge;
