//! Delete jobs: every relationship, twin and model of the instance.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use jiff::SignedDuration;
use serde_json::Value;

use super::records::{check_no_active, failed, job_json, moved, new_job, page};
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    instance::State,
    operations::Page,
    store::{Change, JobError, JobRecord, JobStatus},
};

/// Minutes that a delete job may be given; half a day if nothing is said.
const TIMEOUT_MINUTES: std::ops::RangeInclusive<i64> = 15..=1440;
const DEFAULT_TIMEOUT_MINUTES: i64 = 720;

/// Entities removed at once, if the pace sets no pause.
const AT_ONCE: usize = 256;

impl Instance {
    /// `DeleteJobs_Add`: starts the job on the current runtime; its id is made
    /// up if none is given.
    pub fn create_delete_job(
        self: &Arc<Self>,
        id: Option<&str>,
        timeout_minutes: Option<i64>,
    ) -> Result<Value, ApiError> {
        let minutes = timeout_minutes.unwrap_or(DEFAULT_TIMEOUT_MINUTES);
        if !TIMEOUT_MINUTES.contains(&minutes) {
            let fault = format!("timeoutInMinutes must be 15 to 1440, not {minutes}");
            return Err(ApiError::validation("delete job", vec![fault]));
        }
        let id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        self.check_job_id(&id)?;
        let runtime = Self::runtime()?;
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        if state.tables().delete_jobs().contains_key(&id) {
            let fault = format!("the operation-id {id} exists already");
            return Err(ApiError::validation("delete job", vec![fault]));
        }
        check_no_active(state)?;
        let mut job = new_job(&id, None, self.clock.now());
        job.deadline = job.created.saturating_add(SignedDuration::from_mins(minutes)).ok();
        let answer = job_json(&job);
        self.apply(state, &[Change::PutDeleteJob(Arc::new(job))])?;
        runtime.spawn(run(Arc::downgrade(self), id));
        Ok(answer)
    }

    /// `DeleteJobs_List`: those after `after`, ordered by id.
    pub fn list_delete_jobs(&self, after: Option<&str>, size: usize) -> Result<Page, ApiError> {
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        Ok(page(state.tables().delete_jobs().iter(), after, size))
    }

    /// `DeleteJobs_GetById`
    pub fn get_delete_job(&self, id: &str) -> Result<Value, ApiError> {
        let state = &mut *self.state_mut();
        self.purge_jobs(state)?;
        state.tables().delete_jobs().get(id).map(|job| job_json(job)).ok_or_else(|| {
            ApiError::not_found("DeleteJobNotFound", format!("There is no delete job {id}."))
        })
    }

    /// Removes some entities. The next pause, or none when nothing is left.
    fn delete_some(&self, id: &str) -> Option<Duration> {
        let now = self.clock.now();
        let state = &mut *self.state_mut();
        let job = state.tables().delete_jobs().get(id).cloned()?;
        let pause = self.config.jobs.item_delay;
        let changes = next_removals(state, if pause.is_zero() { AT_ONCE } else { 1 });
        let (changes, pause) = if job.deadline.is_some_and(|deadline| now > deadline) {
            let message = "The job did not end in the time it was given.".to_owned();
            let error = JobError { code: "TimeoutError".into(), message };
            (vec![put(failed(&job, error, now))], None)
        } else if changes.is_empty() {
            (vec![put(moved(&job, JobStatus::Succeeded, now))], None)
        } else if job.status == JobStatus::NotStarted {
            let running = put(moved(&job, JobStatus::Running, now));
            (changes.into_iter().chain([running]).collect(), Some(pause))
        } else {
            (changes, Some(pause))
        };
        match self.apply(state, &changes) {
            Ok(()) => pause,
            Err(error) => {
                tracing::warn!(%error, job = id, "a delete job could not store its changes");
                None
            }
        }
    }
}

fn put(job: JobRecord) -> Change {
    Change::PutDeleteJob(Arc::new(job))
}

/// What goes next: relationships before twins before models.
fn next_removals(state: &State, most: usize) -> Vec<Change> {
    let tables = state.tables();
    let relationships = tables.relationship_records(None).map(|record| {
        Change::DeleteRelationship { source: record.source.to_string(), id: record.id.to_string() }
    });
    let twins = tables.twin_records(None).map(|record| Change::DeleteTwin(record.id.to_string()));
    let models =
        tables.models(None).map(|record| Change::DeleteModel(record.model.id().to_owned()));
    relationships.chain(twins).chain(models).take(most).collect()
}

/// The task of one job. It ends early if the instance goes away.
pub(super) async fn run(instance: Weak<Instance>, id: String) {
    let Some(delay) = instance.upgrade().map(|instance| instance.config.jobs.start_delay) else {
        return;
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    while let Some(pause) = instance.upgrade().and_then(|instance| instance.delete_some(&id)) {
        if pause.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(pause).await;
        }
    }
}
