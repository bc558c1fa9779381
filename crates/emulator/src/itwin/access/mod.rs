//! Who is calling, whom the directory knows, and what roles let them do.
//!
//! It knows users, accounts, roles and share keys, and no operation: those name
//! the permission that they need.

mod caller;
mod people;
mod permission;
mod share;
mod standing;

pub(super) use caller::{Caller, identify};
pub use people::User;
pub(super) use permission::Permission;
pub(super) use standing::Standing;
