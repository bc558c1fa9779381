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
mod import_work;
mod records;

use std::sync::Arc;

pub use blobs::{BlobFault, Blobs, NoBlobs};

use super::{Instance, errors::ApiError};

impl Instance {
    /// Goes on with the jobs that were at work when the emulator was stopped.
    pub(crate) fn resume_jobs(self: &Arc<Self>) -> Result<(), ApiError> {
        let runtime = Self::runtime()?;
        let state = self.state();
        let tables = state.tables();
        for job in tables.import_jobs().values().filter(|job| job.status.is_active()) {
            runtime.spawn(import_work::run(Arc::downgrade(self), job.id.clone()));
        }
        for job in tables.delete_jobs().values().filter(|job| job.status.is_active()) {
            runtime.spawn(delete::run(Arc::downgrade(self), job.id.clone()));
        }
        Ok(())
    }
}
