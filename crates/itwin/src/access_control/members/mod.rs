//! Adding many members, groups or owners: in as many calls as the platform's
//! limit asks for, with an exact account of what became of each. It must not
//! know why somebody is added.

mod batch;
mod groups;
mod owners;
mod users;

pub use batch::FailedAddition;
pub use groups::{AddGroups, AddedGroups};
pub use owners::{AddOwners, AddedOwners};
#[cfg(feature = "users")]
pub(crate) use users::check_email;
pub use users::{AddMembers, AddedMembers};
