//! Jobs of Access Control, followed to their end. It must not know what they do.

use std::fmt;

use progenitor_client::{Error, Progress};

use super::types::Job;
use super::{Client, OPERATIONS};
use crate::again::{again, both, id};
use crate::following::{Wait, judged};
use crate::{ITwinId, JobId};

impl Client {
    /// Waits until a job that `create_job` started has ended. Its `error` lists what
    /// it could not do: `PartialCompleted` is an end, not a failure.
    ///
    /// ```no_run
    /// # use twinkit_itwin::{ITwin, access_control::types::Job};
    /// # async fn f(platform: ITwin, job: Job) -> Result<(), twinkit_itwin::Error> {
    /// let job = platform.access_control().wait_for_job("an-itwin", &job.id).wait().await?;
    /// for error in job.error.iter().flatten() {
    ///     println!("{:?}: {}", error.target, error.message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operation `Get iTwin job`, with everything that it has.
    pub fn wait_for_job<I, J>(&self, itwin: I, job: J) -> Wait<Job>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
        J: TryInto<JobId>,
        J::Error: fmt::Display,
    {
        let of = both(id(itwin), id(job));
        let look = again(self, of, |client: Self, (itwin, job): (ITwinId, JobId)| async move {
            client.get_job().id(itwin).job_id(job).representation().send().await
        });
        let judge = |job: &Job| judged(OPERATIONS, "create_job", job.status.as_str());
        Wait::new(&self.inner, Box::new(look), judge, finish)
    }
}

fn finish(progress: Progress, job: Job) -> Result<Job, Error> {
    if progress != Progress::Failed {
        return Ok(job);
    }
    let first = job.error.iter().flatten().next();
    let code = first.map(|error| error.code.clone());
    let reason = first.map_or("no reason is given", |error| error.message.as_str());
    let message = format!("job {} failed: {reason}", job.id);
    Err(Error::operation_failed(code, message).in_operation("create_job"))
}
