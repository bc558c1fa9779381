//! Bulk jobs: import from a blob, delete everything.
//!
//! At most one job of either kind works at a time. Jobs are tasks on the
//! runtime of the request that made them; their records are in the store. They
//! are not atomic: what a failed or cancelled job wrote stays.

mod blobs;
mod delete;
mod import;
mod import_file;
mod import_log;
mod records;

pub use blobs::{BlobFault, Blobs, NoBlobs};
