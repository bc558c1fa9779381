//! Access Control v2: roles, groups, members, invitations, jobs and shares.
//!
//! Beside the operations, by hand: [members](Client::add_members),
//! [groups](Client::add_groups) and [owners](Client::add_owners) in any number, and
//! [jobs](Client::wait_for_job) that can be waited for.

#[rustfmt::skip]
mod generated;
mod jobs;
pub(crate) mod members;

pub use generated::{Client, OPERATIONS, builder, enums, types};
pub use members::{
    AddGroups, AddMembers, AddOwners, AddedGroups, AddedMembers, AddedOwners, FailedAddition,
};
