//! Following jobs, scheduled jobs and changes of the file upload to their end.
//! What their states mean is read from the operation table, which comes from the
//! spec. It must not know what jobs do.

mod scheduled;
mod upload;

use std::fmt;

use progenitor_client::following::{Look, Wait};
use progenitor_client::{Error, Progress, ResponseValue};

pub use scheduled::ScheduledRuns;

use crate::enums::{JobDeviceState, JobStatus};
use crate::following::refused;
use crate::types::{Job, JobDeviceStatus};
use crate::{Client, JobId, OPERATIONS};

impl Client {
    /// Follows a job until it has ended, well or badly, and gives how it went on
    /// each device.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// let wait = client.wait_for_job("nightly").on_look(|report| println!("{report}"));
    /// let report = wait.wait().await?.into_result()?;
    /// for device in report.failed_devices() {
    ///     println!("failed: {:?}", device.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A job that was cancelled, stopped or failed is no error of the wait, so
    /// that its devices are told; [`JobReport::into_result`] makes it one. Also a
    /// job that completed may have failed on single devices: `rerun_job` runs it
    /// again on those.
    pub fn wait_for_job<I>(&self, id: I) -> Wait<'_, JobReport>
    where
        I: TryInto<JobId>,
        I::Error: fmt::Display,
    {
        let look: Look<'_, JobReport> = match id.try_into() {
            Err(error) => refused(format!("get_job: `job_id`: {error}")),
            Ok(id) => Box::new(move || Box::pin(look(self, id.clone()))),
        };
        Wait::new(&self.inner, look, |report| progress(&report.job), |_, report| Ok(report))
    }
}

async fn look(client: &Client, id: JobId) -> Result<ResponseValue<JobReport>, Error> {
    let job = client.get_job().job_id(&id).send().await?;
    let mut devices = Vec::new();
    if progress(&job) != Progress::Running {
        devices = client.list_job_devices().job_id(&id).items().into_vec().await?;
    }
    Ok(job.map(|job| JobReport { job, devices }))
}

/// What the job's state means. A state that is not known is one on the way.
fn progress(job: &Job) -> Progress {
    state("get_job", job.status.as_ref().map(JobStatus::as_str))
}

/// What a state means that the operation `status_operation` tells.
fn state(status_operation: &str, state: Option<&str>) -> Progress {
    let waits = OPERATIONS.iter().filter_map(|operation| operation.wait);
    let wait = waits.into_iter().find(|wait| wait.status_operation == status_operation);
    match (wait, state) {
        (Some(wait), Some(state)) => wait.progress(state),
        _ => Progress::Running,
    }
}

/// A job, and how it went on its devices. `Display` tells it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobReport {
    /// The job, as it stands.
    pub job: Job,
    /// Its devices; empty before it has ended.
    pub devices: Vec<JobDeviceStatus>,
}

impl JobReport {
    /// Whether it has ended, and how.
    #[must_use]
    pub fn progress(&self) -> Progress {
        progress(&self.job)
    }

    /// The devices on which it failed.
    pub fn failed_devices(&self) -> impl Iterator<Item = &JobDeviceStatus> {
        self.devices.iter().filter(|device| device.status == Some(JobDeviceState::Failed))
    }

    /// The report, if the job completed. Single devices may have failed.
    ///
    /// # Errors
    /// Kind `OperationFailed` if it was cancelled, stopped or failed; what it did
    /// stays done.
    #[inline]
    pub fn into_result(self) -> Result<Self, Error> {
        if self.progress() != Progress::Failed {
            return Ok(self);
        }
        let status = self.job.status.as_ref().map_or("", JobStatus::as_str);
        let failed = self.failed_devices().count();
        let message =
            format!("the job ended as {status}; {failed} of {} devices failed", self.devices.len());
        Err(Error::operation_failed(Some(status.to_owned()), message).in_operation("get_job"))
    }
}

impl fmt::Display for JobReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.job.status.as_ref().map_or("of no known state", JobStatus::as_str);
        f.write_str(status)?;
        let Some(progress) = &self.job.progress else { return Ok(()) };
        let count = |number: Option<i32>| number.unwrap_or_default();
        let (completed, failed) = (count(progress.completed), count(progress.failed));
        write!(f, ": {completed} done, {failed} failed of {}", count(progress.total))
    }
}
