//! Webhooks v2: which events the platform tells to which address.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
