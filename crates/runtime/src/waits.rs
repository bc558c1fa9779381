//! Following a long operation until it ends. It must not know which operation
//! is asked, nor what its states are called.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use twinkit_http::{Clock, SystemClock, retry_after};

use crate::{Error, ErrorKind, Response};

/// Doubling starts here, where the first wait is shorter, even none: of nothing, doubling
/// makes nothing.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);
/// The first look comes soon, because small jobs are done at once.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Doubling stops here: a job that runs for hours is still noticed within half
/// a minute of its end.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A service may ask for longer waits, but not to be forgotten.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);
/// A service that asks for no wait at all is not asked without pause.
const SHORTEST_RETRY_AFTER: Duration = Duration::from_secs(1);

/// So many looks that fail one after another, each after its own repeats, are
/// not a passing trouble: some minutes have gone by.
const MAX_FAILED_LOOKS: u32 = 10;

/// How far a long operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not ended, or in a state that is not known.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly, or cancelled.
    Failed,
}

/// How often to look, and how long.
///
/// ```
/// use std::time::Duration;
/// use twinkit_runtime::Waiter;
///
/// let waiter = Waiter::new().deadline(Duration::from_secs(3600));
/// # let _ = waiter;
/// ```
#[derive(Clone, Debug)]
pub struct Waiter {
    first: Duration,
    longest: Duration,
    deadline: Option<Duration>,
    clock: Arc<dyn Clock>,
}

impl Default for Waiter {
    fn default() -> Self {
        Self {
            first: FIRST_WAIT,
            longest: LONGEST_WAIT,
            deadline: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Waiter {
    /// Looks after a second, then at doubling distances of at most half a
    /// minute, for as long as it takes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks after `first`, then at doubling distances of at most `longest`.
    /// Where the service names a wait (`Retry-After`), that one counts.
    #[must_use]
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest.max(first);
        self
    }

    /// Gives up after this time, with a last look at its end. The operation
    /// itself goes on.
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks `look` until `judge` finds that the operation has ended, well or
    /// badly, and gives the last answer. A look that fails for a passing
    /// reason is repeated, ten times in a row at the most.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the deadline passes first; a failure of
    /// `look` that no repeat can cure or that does not pass.
    pub async fn until_ended<T, F>(
        &self,
        mut look: impl FnMut() -> F,
        judge: impl Fn(&T) -> Progress,
    ) -> Result<(Progress, Response<T>), Error>
    where
        F: Future<Output = Result<Response<T>, Error>>,
    {
        let end = self.deadline.and_then(|limit| self.clock.instant().checked_add(limit));
        let mut wait = self.first;
        let mut failed = 0;
        loop {
            let asked = match look().await {
                Ok(answer) => match judge(&answer) {
                    Progress::Running => {
                        failed = 0;
                        retry_after(answer.headers(), self.clock.now())
                    }
                    ended => return Ok((ended, answer)),
                },
                Err(error) => {
                    failed += 1;
                    if !error.is_retryable() || failed == MAX_FAILED_LOOKS || self.is_over(end) {
                        return Err(error);
                    }
                    error.retry_after()
                }
            };
            if self.is_over(end) {
                let message = "the operation had not ended within the time limit; it goes on";
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            let shortest = wait.min(SHORTEST_RETRY_AFTER);
            let next = asked.map_or(wait, |asked| asked.min(LONGEST_RETRY_AFTER).max(shortest));
            // The last look comes at the very end, not a long wait before it.
            let left = end.map(|end| end.saturating_duration_since(self.clock.instant()));
            sleep(left.map_or(next, |left| left.min(next))).await;
            wait = wait.max(SHORTEST_WAIT).saturating_mul(2).min(self.longest);
        }
    }

    fn is_over(&self, end: Option<Instant>) -> bool {
        end.is_some_and(|end| self.clock.instant() >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use std::sync::Mutex;

    /// Answers the states one after another and notes when it was asked.
    struct Job {
        states: Vec<Result<&'static str, ErrorKind>>,
        retry_after: Option<&'static str>,
        start: Instant,
        asked: Mutex<Vec<u64>>,
    }

    impl Job {
        fn new(states: Vec<Result<&'static str, ErrorKind>>) -> Self {
            let asked = Mutex::new(Vec::new());
            Self { states, retry_after: None, start: Instant::now(), asked }
        }

        async fn look(&self) -> Result<Response<&'static str>, Error> {
            let mut asked = self.asked.lock().unwrap();
            let state = self.states.get(asked.len()).copied().unwrap_or(Ok("running"));
            asked.push(self.start.elapsed().as_secs());
            let mut headers = HeaderMap::new();
            if let Some(wait) = self.retry_after {
                headers.insert("retry-after", wait.parse().unwrap());
            }
            match state {
                Ok(state) => Ok(Response::new(state, StatusCode::OK, headers)),
                Err(kind) => {
                    let mut error = Error::new(kind, "look failed");
                    error.facts_mut().retryable = kind == ErrorKind::Transport;
                    Err(error)
                }
            }
        }

        async fn follow(&self, waiter: Waiter) -> Result<Progress, Error> {
            let judge = |state: &&str| match *state {
                "done" => Progress::Succeeded,
                "broken" => Progress::Failed,
                _ => Progress::Running,
            };
            waiter.until_ended(|| self.look(), judge).await.map(|(progress, _)| progress)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn looks_come_at_doubling_distances_and_unknown_states_go_on() {
        let mut states = vec![Ok("running"); 6];
        states.extend([Ok("brand-new"), Ok("done")]);
        let job = Job::new(states);
        assert_eq!(job.follow(Waiter::new()).await.unwrap(), Progress::Succeeded);
        assert_eq!(*job.asked.lock().unwrap(), [0, 1, 3, 7, 15, 31, 61, 91]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_services_wish_counts() {
        let mut job = Job::new(vec![Ok("running"), Ok("running"), Ok("broken")]);
        job.retry_after = Some("7");
        assert_eq!(job.follow(Waiter::new()).await.unwrap(), Progress::Failed);
        assert_eq!(*job.asked.lock().unwrap(), [0, 7, 14]);
        let mut hasty = Job::new(vec![Ok("running"), Ok("running"), Ok("done")]);
        hasty.retry_after = Some("0");
        hasty.follow(Waiter::new()).await.unwrap();
        assert_eq!(*hasty.asked.lock().unwrap(), [0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_begins_with_none_grows_too() {
        for retry_after in [None, Some("0")] {
            let mut job = Job::new(Vec::new());
            job.retry_after = retry_after;
            let waiter = Waiter::new().every(Duration::ZERO, Duration::from_secs(30));
            let waiter = waiter.deadline(Duration::from_secs(1));
            assert!(job.follow(waiter).await.unwrap_err().is_timeout());
            // After 0, 0, 20, 60, 140, 300 and 620 milliseconds, and at the end.
            assert_eq!(job.asked.lock().unwrap().len(), 8, "{retry_after:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_the_wait_not_the_operation() {
        let job = Job::new(Vec::new());
        let error = job.follow(Waiter::new().deadline(Duration::from_secs(10))).await.unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(*job.asked.lock().unwrap(), [0, 1, 3, 7, 10]);
        let mut late = Job::new(vec![Ok("running"), Ok("done")]);
        late.retry_after = Some("3600");
        let waiter = Waiter::new().deadline(Duration::from_secs(10));
        assert_eq!(late.follow(waiter).await.unwrap(), Progress::Succeeded);
        assert_eq!(*late.asked.lock().unwrap(), [0, 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_is_gone_ends_the_wait() {
        let job = Job::new(vec![Err(ErrorKind::Transport); 99]);
        assert_eq!(job.follow(Waiter::new()).await.unwrap_err().kind(), ErrorKind::Transport);
        assert_eq!(job.asked.lock().unwrap().len(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn passing_failures_are_looked_past_and_others_told() {
        let job = Job::new(vec![Err(ErrorKind::Transport), Ok("done")]);
        assert_eq!(job.follow(Waiter::new()).await.unwrap(), Progress::Succeeded);
        let gone = Job::new(vec![Ok("running"), Err(ErrorKind::NotFound), Ok("done")]);
        assert!(gone.follow(Waiter::new()).await.unwrap_err().is_not_found());
    }
}
