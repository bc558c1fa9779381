//! Jobs that start by a schedule: their runs, and the end of the schedule.

use std::fmt;
use std::time::SystemTime;

use progenitor_client::following::{Look, Wait};
use progenitor_client::{Error, Progress, Refused, ResponseValue, Timestamp};

use super::progress;
use crate::following::refused;
use crate::types::{Job, ScheduledJob};
use crate::{Client, ScheduledJobId};

impl Client {
    /// A scheduled job and its runs so far.
    ///
    /// # Errors
    /// What `get_scheduled_job` and `list_scheduled_job_jobs` say.
    pub async fn scheduled_runs<I>(&self, id: I) -> Result<ScheduledRuns, Error>
    where
        I: TryInto<ScheduledJobId>,
        I::Error: fmt::Display,
    {
        let id = id.try_into().map_err(Refused::because)?;
        Ok(Box::pin(look(self, id)).await?.into_inner())
    }

    /// Follows a scheduled job until it has started its last run and all runs
    /// have ended. One that is switched off before is an `OperationFailed`: it
    /// starts nothing. One that recurs without an end is waited for without one.
    pub fn wait_for_scheduled_job<I>(&self, id: I) -> Wait<'_, ScheduledRuns>
    where
        I: TryInto<ScheduledJobId>,
        I::Error: fmt::Display,
    {
        let look: Look<'_, ScheduledRuns> = match id.try_into() {
            Err(error) => refused(format!("get_scheduled_job: `scheduled_job_id`: {error}")),
            Ok(id) => Box::new(move || Box::pin(look(self, id.clone()))),
        };
        Wait::new(&self.inner, look, ScheduledRuns::progress, finished)
    }
}

async fn look(client: &Client, id: ScheduledJobId) -> Result<ResponseValue<ScheduledRuns>, Error> {
    let job = client.get_scheduled_job().scheduled_job_id(&id).send().await?;
    let runs = client.list_scheduled_job_jobs().scheduled_job_id(&id).items().into_vec().await?;
    Ok(job.map(|job| ScheduledRuns { job, runs }))
}

fn finished(progress: Progress, runs: ScheduledRuns) -> Result<ScheduledRuns, Error> {
    match progress {
        Progress::Failed => {
            let message = "the scheduled job is switched off before its schedule has ended";
            Err(Error::operation_failed(None, message)
                .in_operation("get_scheduled_job")
                .with_hint("switch it on: update_scheduled_job with enabled: true"))
        }
        _ => Ok(runs),
    }
}

/// A scheduled job and what it started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScheduledRuns {
    /// The scheduled job, as it stands.
    pub job: ScheduledJob,
    /// The jobs that it started, in an order that is not documented.
    pub runs: Vec<Job>,
}

impl ScheduledRuns {
    /// The run that started last.
    #[must_use]
    pub fn last(&self) -> Option<&Job> {
        let started = |run: &Job| run.start.as_ref().and_then(|start| start.to_system_time().ok());
        self.runs.iter().reduce(|last, run| if started(run) >= started(last) { run } else { last })
    }

    /// When the first run starts, if that is still to come at `now`. When later
    /// ones start the platform does not tell, and no rule for the days of months
    /// or the hours of summer is documented: so nothing is reckoned here.
    #[must_use]
    pub fn first_start(&self, now: SystemTime) -> Option<&Timestamp> {
        let start = &self.job.schedule.start;
        let to_come = self.runs.is_empty() && start.to_system_time().is_ok_and(|at| at > now);
        Some(start).filter(|_| to_come)
    }

    /// Whether the schedule has ended and all runs with it.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let running = self.runs.iter().any(|run| progress(run) == Progress::Running);
        match (self.job.completed, self.job.enabled) {
            _ if running => Progress::Running,
            (Some(true), _) => Progress::Succeeded,
            (_, Some(false)) => Progress::Failed,
            _ => Progress::Running,
        }
    }
}
