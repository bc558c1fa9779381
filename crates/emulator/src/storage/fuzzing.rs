//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use super::{BlobName, Storage, blocks};
use crate::clock::Clock;
use crate::data::{Data, DataError};

/// # Errors
/// There is no randomness for its key.
pub fn storage() -> Result<Storage, DataError> {
    Storage::open("http://127.0.0.1:1".to_owned(), Clock::new(), None, &Data::default())
}

/// Whether a query string opens a blob.
pub fn opens(storage: &Storage, container: &str, path: &str, query: &str) -> bool {
    storage.check(&BlobName::new(container, path), query).is_ok()
}

/// The ids of a block list, and where each is looked for.
pub fn block_list(text: &str) -> Option<Vec<(String, String)>> {
    let ids = blocks::parse(text)?;
    Some(ids.into_iter().map(|(among, id)| (format!("{among:?}"), id)).collect())
}
