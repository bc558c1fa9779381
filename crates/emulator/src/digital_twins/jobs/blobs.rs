//! Where import jobs read from and write their log to.

use bytes::Bytes;

/// Why a blob could not be read or written, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BlobFault(
    /// What went wrong.
    pub String,
);

/// The storage that an instance is allowed to use.
pub trait Blobs: Send + Sync {
    /// The whole blob at `url`.
    fn read(&self, url: &str) -> Result<Bytes, BlobFault>;

    /// Appends to the blob at `url`, making it if need be.
    fn append(&self, url: &str, bytes: &[u8]) -> Result<(), BlobFault>;
}

/// No storage: every import job fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBlobs;

impl Blobs for NoBlobs {
    fn read(&self, _: &str) -> Result<Bytes, BlobFault> {
        Err(BlobFault("the instance has no access to storage".into()))
    }

    fn append(&self, _: &str, _: &[u8]) -> Result<(), BlobFault> {
        Err(BlobFault("the instance has no access to storage".into()))
    }
}
