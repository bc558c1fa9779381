//! Reality Management v1: reality data, and access to their containers.
//!
//! Beside the operations, by hand: files [put](Client::upload_file) into a
//! container and [fetched](Client::fetch_file).

mod files;
#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, types};
