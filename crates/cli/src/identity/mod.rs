//! Who calls: what a token is for, where credentials come from on this machine,
//! and the sign-in that `twinkit login` keeps. Commands show; nothing is printed
//! here.

pub(crate) mod claims;
pub(crate) mod profile;
pub(crate) mod sources;
pub(crate) mod target;
