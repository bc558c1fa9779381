//! Storage v1: folders and files, whose contents travel by signed addresses.

#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, kinds, types};
