//! Storage v1: folders and files, whose contents travel by signed addresses.
//!
//! Beside the operations, by hand: files [put](Client::upload_file),
//! [replaced](Client::replace_file) and [fetched](Client::fetch_file) in one call,
//! of any size.

mod files;
#[rustfmt::skip]
mod generated;

pub use generated::{Client, OPERATIONS, builder, enums, kinds, types};
