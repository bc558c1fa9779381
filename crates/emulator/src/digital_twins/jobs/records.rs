//! What both kinds of job share: records, states, the single place, the purge.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::digital_twins::{
    Instance,
    errors::ApiError,
    instance::State,
    operations::Page,
    rules::ids,
    store::{Change, JobError, JobProgress, JobRecord, JobStatus},
    time::offset,
};

/// How long the record of a job is kept after its creation: 30 days.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A job that has just been asked for.
pub(super) fn new_job(id: &str, blobs: Option<(String, String)>, now: Timestamp) -> JobRecord {
    JobRecord {
        id: id.to_owned(),
        status: JobStatus::NotStarted,
        blobs,
        created: now,
        last_action: now,
        finished: None,
        purge: now.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
        error: None,
        progress: JobProgress::default(),
        deadline: None,
    }
}

/// The same job in another state.
pub(super) fn moved(job: &JobRecord, status: JobStatus, now: Timestamp) -> JobRecord {
    let finished = (!status.is_active()).then_some(now);
    JobRecord { status, last_action: now, finished, ..job.clone() }
}

/// The same job, failed.
pub(super) fn failed(job: &JobRecord, error: JobError, now: Timestamp) -> JobRecord {
    JobRecord { error: Some(error), ..moved(job, JobStatus::Failed, now) }
}

/// A job as the platform describes it. Its times have the offset of the
/// vendor's examples, not the `Z` of twins.
pub(super) fn job_json(job: &JobRecord) -> Value {
    let time = |time: Option<Timestamp>| time.map_or(Value::Null, |time| offset(time).into());
    let mut json = Map::new();
    json.insert("id".into(), job.id.as_str().into());
    if let Some((input, output)) = &job.blobs {
        json.insert("inputBlobUri".into(), input.as_str().into());
        json.insert("outputBlobUri".into(), output.as_str().into());
    }
    json.insert("status".into(), job.status.as_str().into());
    json.insert("createdDateTime".into(), time(Some(job.created)));
    if job.blobs.is_some() {
        json.insert("lastActionDateTime".into(), time(Some(job.last_action)));
    }
    json.insert("finishedDateTime".into(), time(job.finished));
    json.insert("purgeDateTime".into(), time(Some(job.purge)));
    let error = job.error.as_ref();
    let error = error.map_or(Value::Null, |e| json!({"code": e.code, "message": e.message}));
    json.insert("error".into(), error);
    Value::Object(json)
}

/// The jobs after `after`, ordered by id.
pub(super) fn page<'j>(
    jobs: impl Iterator<Item = (&'j String, &'j Arc<JobRecord>)>,
    after: Option<&str>,
    size: usize,
) -> Page {
    let later = jobs.filter(|(id, _)| after.is_none_or(|after| id.as_str() > after));
    Page::take(later.map(|(id, job)| (id.clone(), job_json(job))), size)
}

/// Refuses a second job while one is active.
pub(super) fn check_no_active(state: &State) -> Result<(), ApiError> {
    let tables = state.tables();
    let mut jobs = tables.import_jobs().values().chain(tables.delete_jobs().values());
    match jobs.find(|job| job.status.is_active()) {
        None => Ok(()),
        Some(job) => Err(ApiError::bad_request(
            "JobLimitReached",
            format!("The job {} is active; one bulk job may be at a time.", job.id),
        )),
    }
}

impl Instance {
    /// Checks a job id. Only `ValidationFailed` is documented for it.
    pub(super) fn check_job_id(&self, id: &str) -> Result<(), ApiError> {
        ids::check("job", id, self.config.limits.id_chars)
            .map_err(|error| ApiError::validation("job", vec![error.message().to_owned()]))
    }

    /// Forgets jobs whose time is over.
    pub(super) fn purge_jobs(&self, state: &mut State) -> Result<(), ApiError> {
        let now = self.clock.now();
        let over = |job: &&Arc<JobRecord>| job.purge <= now && !job.status.is_active();
        let tables = state.tables();
        let imports = tables.import_jobs().values().filter(over);
        let deletions = tables.delete_jobs().values().filter(over);
        let changes: Vec<Change> = imports
            .map(|job| Change::DeleteImportJob(job.id.clone()))
            .chain(deletions.map(|job| Change::DeleteDeleteJob(job.id.clone())))
            .collect();
        if changes.is_empty() { Ok(()) } else { self.apply(state, &changes) }
    }
}
