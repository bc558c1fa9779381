//! Exit codes beside those of every program. The help texts of the commands list
//! them.

/// Work was done but for what could not be carried, or for some and not for others.
pub(crate) const INCOMPLETE: u8 = 3;
/// Work was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;
