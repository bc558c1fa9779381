//! Access Control v2: roles, groups, members, invitations, jobs and shares.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
