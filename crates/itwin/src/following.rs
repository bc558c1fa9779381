//! Waiting for something at the platform to come to its end, whatever it is. It
//! must not know what is asked, nor what the states are called.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use progenitor_client::{BoxFuture, Context, Error, Progress, ResponseValue, Waiter};

pub(crate) type Look<T> =
    Box<dyn Fn() -> BoxFuture<'static, Result<ResponseValue<T>, Error>> + Send + Sync>;
type Judge<T> = Box<dyn Fn(&T) -> Progress + Send + Sync>;
type Observer<T> = Box<dyn FnMut(&T) + Send>;

/// A wait, to be started by [`wait`](Self::wait).
#[must_use = "nothing is asked until `wait` is awaited"]
pub struct Wait<T> {
    look: Look<T>,
    judge: Judge<T>,
    finish: fn(Progress, T) -> Result<T, Error>,
    waiter: Waiter,
    observer: Option<Observer<T>>,
}

impl<T: Send + Sync + 'static> Wait<T> {
    pub(crate) fn new(
        context: &Context,
        look: Look<T>,
        judge: impl Fn(&T) -> Progress + Send + Sync + 'static,
        finish: fn(Progress, T) -> Result<T, Error>,
    ) -> Self {
        let waiter = Waiter::new().clock(context.clock().clone());
        Self { look, judge: Box::new(judge), finish, waiter, observer: None }
    }

    /// Looks after `first`, then at doubling distances of at most `longest`,
    /// unless the service names a wait. By default from one second to half a
    /// minute.
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.waiter = self.waiter.every(first, longest);
        self
    }

    /// Gives up after this time, with a look at its end; what is waited for goes
    /// on. By default the wait has no end.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.waiter = self.waiter.deadline(limit);
        self
    }

    /// Calls `observer` each time something was looked at.
    pub fn on_look(mut self, observer: impl FnMut(&T) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Waits for the end and gives the last state.
    ///
    /// # Errors
    /// Kind `Timeout` when the deadline passes; kind `OperationFailed` for an
    /// end that the method that began the wait calls a failure; what the
    /// look-up says otherwise.
    #[inline]
    pub async fn wait(self) -> Result<T, Error> {
        Box::pin(self.run()).await
    }

    #[inline]
    async fn run(self) -> Result<T, Error> {
        let observer = Mutex::new(self.observer);
        let judge = |state: &T| {
            if let Ok(mut observer) = observer.lock()
                && let Some(observer) = observer.as_mut()
            {
                observer(state);
            }
            (self.judge)(state)
        };
        let (progress, last) = self.waiter.until_ended(&self.look, judge).await?;
        (self.finish)(progress, last.into_inner())
    }
}

/// An id to be sent, or the refusal to be told when the wait is started.
pub(crate) fn id<I, T>(id: I) -> Result<T, String>
where
    I: TryInto<T>,
    I::Error: fmt::Display,
{
    id.try_into().map_err(|error| error.to_string())
}

/// How an operation's own table reads a state. What it does not list goes on.
pub(crate) fn judged(
    operations: &'static [progenitor_client::Operation],
    id: &str,
    state: &str,
) -> Progress {
    let row = operations.iter().find(|row| row.id == id);
    row.and_then(|row| row.wait).map_or(Progress::Running, |wait| wait.progress(state))
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("waiter", &self.waiter).finish_non_exhaustive()
    }
}
