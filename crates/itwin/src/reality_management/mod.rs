//! Reality Management v1: reality data, and access to their containers.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
