//! Users v1: who the caller is, and who else is in the caller's organization.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
