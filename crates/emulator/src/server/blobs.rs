//! Lends the storage service to the instances' jobs.

use bytes::Bytes;

use crate::{
    digital_twins::{BlobFault, Blobs},
    storage::{BlobError, Storage},
};

impl Blobs for Storage {
    fn read(&self, url: &str) -> Result<Bytes, BlobFault> {
        Self::read(self, url).map_err(fault)
    }

    fn append(&self, url: &str, bytes: &[u8]) -> Result<(), BlobFault> {
        Self::append(self, url, bytes).map_err(fault)
    }
}

fn fault(error: BlobError) -> BlobFault {
    BlobFault(error.to_string())
}
