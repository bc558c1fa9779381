//! Following import and delete jobs to their end. What their states mean is
//! read from the operation table, which comes from the spec.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use progenitor_client::{Error, Progress, Refused, ResponseValue, Waiter, given};

use crate::enums::{DeleteJobStatus, ImportJobStatus};
use crate::{Client, JobId, OPERATIONS, types};

impl Client {
    /// Follows an import job until it has ended.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_digital_twins::Client) -> Result<(), twinkit_digital_twins::Error> {
    /// use twinkit_digital_twins::types::ImportJob;
    /// let job = ImportJob::builder()
    ///     .input_blob_uri("https://example.blob.core.windows.net/in/graph.ndjson")
    ///     .output_blob_uri("https://example.blob.core.windows.net/out/log.ndjson");
    /// client.create_import_job().id("nightly").body(job).send().await?;
    /// let done = client.wait_for_import_job("nightly").wait().await?;
    /// println!("{:?}", done.finished_date_time);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_import_job<I>(&self, id: I) -> ImportJobWait<'_>
    where
        I: TryInto<JobId>,
        I::Error: fmt::Display,
    {
        JobWait::new(self, id)
    }

    /// Follows a delete job until it has ended. Its id is in the answer that
    /// started it, unless the caller chose one.
    pub fn wait_for_delete_job<I>(&self, id: I) -> DeleteJobWait<'_>
    where
        I: TryInto<JobId>,
        I::Error: fmt::Display,
    {
        JobWait::new(self, id)
    }
}

/// A wait for an import job.
pub type ImportJobWait<'a> = JobWait<'a, types::ImportJob>;
/// A wait for a delete job.
pub type DeleteJobWait<'a> = JobWait<'a, types::DeleteJob>;

type Observer<'a, J> = Box<dyn FnMut(&J) + Send + 'a>;

/// A wait for a job of kind `J`, to be started by [`JobWait::wait`].
#[must_use = "nothing is asked until `wait` is awaited"]
pub struct JobWait<'a, J> {
    client: &'a Client,
    id: Result<JobId, Refused>,
    waiter: Waiter,
    observer: Option<Observer<'a, J>>,
}

impl<'a, J: Job> JobWait<'a, J> {
    fn new<I>(client: &'a Client, id: I) -> Self
    where
        I: TryInto<JobId>,
        I::Error: fmt::Display,
    {
        let id = given(id, &format!("{}: `id`", J::STATUS_OPERATION));
        let waiter = Waiter::new().clock(Arc::clone(client.inner.clock()));
        Self { client, id, waiter, observer: None }
    }

    /// Looks after `first`, then at doubling distances of at most `longest`,
    /// unless the service names a wait. By default from one second to half a
    /// minute.
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.waiter = self.waiter.every(first, longest);
        self
    }

    /// Gives up after this time; the job itself goes on. By default the wait
    /// has no end.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.waiter = self.waiter.deadline(limit);
        self
    }

    /// Calls `observer` with the job each time it was looked at.
    pub fn on_look(mut self, observer: impl FnMut(&J) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Waits until the job has ended well and gives its last state.
    ///
    /// # Errors
    /// Kind `OperationFailed` with the job's own code and message if it failed
    /// or was cancelled (what it did stays done: there is no rollback); kind
    /// `Timeout` when the deadline passes; what the look-up says otherwise.
    pub async fn wait(self) -> Result<ResponseValue<J>, Error> {
        let id = self.id?;
        let client = self.client;
        let observer = Mutex::new(self.observer);
        let judge = |job: &J| {
            if let Ok(mut observer) = observer.lock()
                && let Some(observer) = observer.as_mut()
            {
                observer(job);
            }
            job.progress()
        };
        let look = || J::look(client, &id);
        let (progress, job) = self.waiter.until_ended(look, judge).await?;
        match progress {
            Progress::Failed => Err(job.failure().in_operation(J::STATUS_OPERATION)),
            _ => Ok(job),
        }
    }
}

impl<J> fmt::Debug for JobWait<'_, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobWait")
            .field("id", &self.id)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

/// What the two kinds of job differ in.
pub trait Job: Send + Sized + private::Sealed {
    /// The operation that reports a job's state.
    const STATUS_OPERATION: &'static str;

    /// Asks for the job's present state.
    fn look(
        client: &Client,
        id: &JobId,
    ) -> impl Future<Output = Result<ResponseValue<Self>, Error>> + Send;

    /// The state's name on the wire.
    fn state(&self) -> Option<&str>;

    /// What went wrong, as the job says.
    fn error(&self) -> Option<&types::Error>;

    /// What the state means.
    fn progress(&self) -> Progress {
        let wait = OPERATIONS
            .iter()
            .filter_map(|operation| operation.wait)
            .find(|wait| wait.status_operation == Self::STATUS_OPERATION);
        match (wait, self.state()) {
            (Some(wait), Some(state)) => wait.progress(state),
            _ => Progress::Running,
        }
    }

    /// The job's end as an error.
    fn failure(&self) -> Error {
        let state = self.state().unwrap_or("failed");
        let (code, message) = match self.error() {
            Some(error) => (error.code.clone(), error.message.as_deref()),
            None => (None, None),
        };
        let message = message.map_or_else(String::new, |text| format!(": {text}"));
        Error::operation_failed(code, format!("the job ended as {state}{message}"))
    }
}

mod private {
    pub trait Sealed {}
    impl Sealed for crate::types::ImportJob {}
    impl Sealed for crate::types::DeleteJob {}
}

impl Job for types::ImportJob {
    const STATUS_OPERATION: &'static str = "get_import_job";

    async fn look(client: &Client, id: &JobId) -> Result<ResponseValue<Self>, Error> {
        client.get_import_job().id(id).send().await
    }

    fn state(&self) -> Option<&str> {
        self.status.as_ref().map(ImportJobStatus::as_str)
    }

    fn error(&self) -> Option<&types::Error> {
        self.error.as_ref()
    }
}

impl Job for types::DeleteJob {
    const STATUS_OPERATION: &'static str = "get_delete_job";

    async fn look(client: &Client, id: &JobId) -> Result<ResponseValue<Self>, Error> {
        client.get_delete_job().id(id).send().await
    }

    fn state(&self) -> Option<&str> {
        self.status.as_ref().map(DeleteJobStatus::as_str)
    }

    fn error(&self) -> Option<&types::Error> {
        self.error.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn import(status: &str) -> types::ImportJob {
        serde_json::from_value(json!({
            "inputBlobUri": "https://a/in", "outputBlobUri": "https://a/out", "status": status,
            "error": {"code": "DTDLParsingError", "message": "line 3"}
        }))
        .unwrap()
    }

    #[test]
    fn states_mean_what_the_spec_says() {
        for state in ["notstarted", "running", "cancelling", "something-new"] {
            assert_eq!(import(state).progress(), Progress::Running, "{state}");
        }
        assert_eq!(import("succeeded").progress(), Progress::Succeeded);
        assert_eq!(import("cancelled").progress(), Progress::Failed);
        let error = import("failed").failure();
        assert_eq!(error.code(), Some("DTDLParsingError"));
        assert!(error.to_string().contains("line 3"), "{error}");
    }
}
