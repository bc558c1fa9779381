//! The operations of import jobs.
//!
//! Our choices, where the platform is not known: models that exist already, or
//! twins and relationships that do, are errors of that item; a job with any
//! such error ends as `failed`; an input that is not there is refused at once,
//! one that cannot be understood fails before anything is written. Imports
//! raise no events. A job that was at work when the emulator was stopped goes on at
//! the next start; errors of its last lines may then stand in the output twice.

use std::sync::Arc;

use serde_json::Value;

use super::{
    import_work::run,
    records::{check_no_active, job_json, moved, new_job, page},
};
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    instance::State,
    operations::Page,
    store::{Change, JobRecord, JobStatus},
};

impl Instance {
    /// `ImportJobs_Add`: stores the job and starts it on the current runtime.
    pub fn create_import_job(self: &Arc<Self>, id: &str, body: &Value) -> Result<Value, ApiError> {
        self.check_job_id(id)?;
        let mut faults = Vec::new();
        let mut uri = |name: &str| match body.get(name).and_then(Value::as_str) {
            Some(uri) => uri.to_owned(),
            None => {
                faults.push(format!("{name} is missing or not a string"));
                String::new()
            }
        };
        let (input, output) = (uri("inputBlobUri"), uri("outputBlobUri"));
        if !faults.is_empty() {
            return Err(ApiError::validation("import job", faults));
        }
        check_blob_uri("inputBlobUri", &input)?;
        check_blob_uri("outputBlobUri", &output)?;
        self.blobs.read(&input).map_err(|fault| {
            ApiError::invalid_argument(format!("The inputBlobUri cannot be read: {fault}."))
        })?;
        let runtime = Self::runtime()?;
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        if state.tables().import_jobs().contains_key(id) {
            return Err(ApiError::conflict(
                "JobIdAlreadyExists",
                format!("There is an import job {id} already."),
            ));
        }
        check_no_active(state)?;
        let job = new_job(id, Some((input, output)), self.clock.now());
        let answer = job_json(&job);
        self.apply(state, &[Change::PutImportJob(Arc::new(job))])?;
        runtime.spawn(run(Arc::downgrade(self), id.to_owned()));
        Ok(answer)
    }

    /// `ImportJobs_List`: those after `after`, ordered by id.
    pub fn list_import_jobs(&self, after: Option<&str>, size: usize) -> Result<Page, ApiError> {
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        Ok(page(state.tables().import_jobs().iter(), after, size))
    }

    /// `ImportJobs_GetById`
    pub fn get_import_job(&self, id: &str) -> Result<Value, ApiError> {
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        self.find_import(state, id).map(|job| job_json(&job))
    }

    /// `ImportJobs_Delete`: forgets the record; a job at work must be cancelled first.
    pub fn delete_import_job(&self, id: &str) -> Result<(), ApiError> {
        self.check_job_id(id)?;
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        let job = self.find_import(state, id)?;
        if job.status.is_active() {
            let fault = format!("it is {}; cancel it first", job.status.as_str());
            return Err(ApiError::validation("import job", vec![fault]));
        }
        self.apply(state, &[Change::DeleteImportJob(id.to_owned())])
    }

    /// `ImportJobs_Cancel`: asks the job to stop; one that has ended stays as it is.
    pub fn cancel_import_job(&self, id: &str) -> Result<Value, ApiError> {
        self.check_job_id(id)?;
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        let job = self.find_import(state, id)?;
        if !matches!(job.status, JobStatus::NotStarted | JobStatus::Running) {
            return Ok(job_json(&job));
        }
        let job = moved(&job, JobStatus::Cancelling, self.clock.now());
        let answer = job_json(&job);
        self.apply(state, &[Change::PutImportJob(Arc::new(job))])?;
        Ok(answer)
    }

    fn find_import(&self, state: &State, id: &str) -> Result<Arc<JobRecord>, ApiError> {
        state.tables().import_jobs().get(id).cloned().ok_or_else(|| {
            ApiError::not_found(
                self.config.spelling.import_job_not_found,
                format!("There is no import job {id}."),
            )
        })
    }
}

/// An absolute http address with a container and a blob.
fn check_blob_uri(name: &str, uri: &str) -> Result<(), ApiError> {
    let usable = url::Url::parse(uri).is_ok_and(|uri| {
        let parts = uri.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
        matches!(uri.scheme(), "http" | "https") && parts.count() >= 2
    });
    if usable {
        return Ok(());
    }
    Err(ApiError::invalid_argument(format!("The {name} is not the address of a blob.")))
}
