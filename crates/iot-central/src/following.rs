//! Waiting for something at the service to come to its end, whatever it is. It
//! must not know what is asked, nor what the states are called.
//!
//! Waits, like the longer flows of the hand-written part, are marked to be
//! compiled where they are used (`#[inline]`, or by their generic ids), so that
//! they cost nothing in programs without them.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use progenitor_client::{BoxFuture, Error, Progress, ResponseValue, Waiter};

use crate::Client;

pub(crate) type Look<'a, T> =
    Box<dyn Fn() -> BoxFuture<'a, Result<ResponseValue<T>, Error>> + Send + Sync + 'a>;
type Observer<'a, T> = Box<dyn FnMut(&T) + Send + 'a>;

/// A wait, to be started by [`wait`](Self::wait).
#[must_use = "nothing is asked until `wait` is awaited"]
pub struct Wait<'a, T> {
    look: Look<'a, T>,
    judge: fn(&T) -> Progress,
    finish: fn(Progress, T) -> Result<T, Error>,
    waiter: Waiter,
    observer: Option<Observer<'a, T>>,
}

impl<'a, T: Send + Sync + 'a> Wait<'a, T> {
    pub(crate) fn new(
        client: &Client,
        look: Look<'a, T>,
        judge: fn(&T) -> Progress,
        finish: fn(Progress, T) -> Result<T, Error>,
    ) -> Self {
        let waiter = Waiter::new().clock(client.inner.clock().clone());
        Self { look, judge, finish, waiter, observer: None }
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
    pub fn on_look(mut self, observer: impl FnMut(&T) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Waits for the end and gives the last state.
    ///
    /// # Errors
    /// Kind `Timeout` when the deadline passes; kind `OperationFailed` for an
    /// end that the method that began the wait calls a failure; what the
    /// look-up says otherwise.
    pub async fn wait(self) -> Result<T, Error> {
        Box::pin(self.run()).await
    }

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

/// A look that cannot be made: its id was refused.
pub(crate) fn refused<'a, T: Send + 'a>(message: String) -> Look<'a, T> {
    Box::new(move || {
        let error = Error::InvalidRequest(message.clone());
        Box::pin(std::future::ready(Err(error)))
    })
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("waiter", &self.waiter).finish_non_exhaustive()
    }
}
