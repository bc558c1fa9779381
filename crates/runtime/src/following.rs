//! Waits that clients hand out: for something at a service to come to its end,
//! whatever it is. It must not know what is asked, nor what the states are
//! called.
//!
//! They are marked to be compiled where they are used (`#[inline]`), so that they
//! cost nothing in programs without them.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use futures_core::future::BoxFuture;

use crate::{Context, Error, Progress, Response, Waiter};

/// One look at what is waited for.
pub type Look<'a, T> =
    Box<dyn Fn() -> BoxFuture<'a, Result<Response<T>, Error>> + Send + Sync + 'a>;
type Judge<'a, T> = Box<dyn Fn(&T) -> Progress + Send + Sync + 'a>;
type Finish<'a, T> = Box<dyn FnOnce(Progress, T) -> Result<T, Error> + Send + 'a>;
type Observer<'a, T> = Box<dyn FnMut(&T) + Send + 'a>;

/// A wait, to be started by [`wait`](Self::wait).
#[must_use = "nothing is asked until `wait` is awaited"]
pub struct Wait<'a, T> {
    look: Look<'a, T>,
    judge: Judge<'a, T>,
    finish: Finish<'a, T>,
    waiter: Waiter,
    observer: Option<Observer<'a, T>>,
}

impl<'a, T: Send + Sync + 'a> Wait<'a, T> {
    /// A wait by the clock of a client: `look` asks, `judge` says whether it has
    /// ended, `finish` what comes of the end.
    #[inline]
    pub fn new(
        context: &Context,
        look: Look<'a, T>,
        judge: impl Fn(&T) -> Progress + Send + Sync + 'a,
        finish: impl FnOnce(Progress, T) -> Result<T, Error> + Send + 'a,
    ) -> Self {
        let waiter = Waiter::new().clock(context.clock().clone());
        let (judge, finish) = (Box::new(judge), Box::new(finish));
        Self { look, judge, finish, waiter, observer: None }
    }

    /// Looks after `first`, then at doubling distances of at most `longest`,
    /// unless the service names a wait. By default from one second to half a
    /// minute.
    #[inline]
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.waiter = self.waiter.every(first, longest);
        self
    }

    /// Gives up after this time, with a look at its end; what is waited for goes
    /// on. By default the wait has no end.
    #[inline]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.waiter = self.waiter.deadline(limit);
        self
    }

    /// Calls `observer` each time something was looked at.
    #[inline]
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

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("waiter", &self.waiter).finish_non_exhaustive()
    }
}
