//! Who calls: what a token is for, where credentials come from on this machine,
//! and the sign-in that `twinkit login` keeps. Commands show what was found; only
//! what a person must know on the way is printed here.

pub(crate) mod claims;
pub(crate) mod profile;
pub(crate) mod sign_in;
pub(crate) mod sources;
pub(crate) mod target;
