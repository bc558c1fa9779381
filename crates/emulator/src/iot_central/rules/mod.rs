//! Checks of ids and bodies, and merge patches. They know no state.

mod body;
mod certificate;
pub(super) mod ids;
mod merge_patch;
pub(super) mod secrets;

pub(super) use body::Body;
pub(super) use certificate::Certificate;
pub(super) use merge_patch::merge;
