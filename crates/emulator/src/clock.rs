//! The one clock of an emulator: wall time that tests can move.
//!
//! The time is the wall time at start plus what tokio's clock has counted
//! since, plus an offset. So it stands still when a test pauses tokio's clock,
//! follows `tokio::time::advance`, and can be moved over the control endpoint
//! where client and emulator do not share a runtime. It knows nothing of what
//! is done with the time.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::Notify, time::Instant};

use crate::data::{Data, DataError};

/// Name under which the offset is kept.
const OFFSET: &str = "clock";

/// Wall time of one emulator; clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    started_at: Timestamp,
    started: Instant,
    offset_millis: AtomicI64,
    /// Told whenever the clock is moved.
    moved: Notify,
    /// Where the offset is kept.
    data: OnceLock<Data>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that starts at the machine's wall time.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// A clock that starts at `time`, for tests that need fixed time stamps.
    #[must_use]
    pub fn starting_at(time: Timestamp) -> Self {
        Self {
            inner: Arc::new(Inner {
                started_at: time,
                started: Instant::now(),
                offset_millis: AtomicI64::new(0),
                moved: Notify::new(),
                data: OnceLock::new(),
            }),
        }
    }

    /// The time now, never outside what [`Timestamp`] can hold.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.inner.offset_millis.load(Ordering::Relaxed));
        let elapsed = SignedDuration::try_from(self.inner.started.elapsed()).unwrap_or_default();
        self.inner
            .started_at
            .saturating_add(elapsed)
            .and_then(|time| time.saturating_add(offset))
            .unwrap_or(Timestamp::MAX)
    }

    /// Seconds since the epoch, as JWTs count.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let previous = self.inner.offset_millis.load(Ordering::Relaxed);
        let offset = previous.saturating_add(millis);
        self.inner.offset_millis.store(offset, Ordering::Relaxed);
        self.inner.moved.notify_waiters();
        if let Some(data) = self.inner.data.get()
            && let Err(error) = data.keep(OFFSET, offset.to_string().as_bytes())
        {
            data.failure().set(&error);
        }
    }

    /// Takes up how far the clock was moved before, and keeps it from now on: time must
    /// not go back by a restart.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        if let Some(text) = data.kept(OFFSET)?
            && let Some(offset) = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok())
        {
            self.inner.offset_millis.store(offset, Ordering::Relaxed);
        }
        // A clock that is kept already stays where it is.
        let _ = self.inner.data.set(data.clone());
        Ok(())
    }

    /// Waits until it is this time, be it that tokio's clock gets there or that this
    /// one is moved.
    pub(crate) async fn reached(&self, time: Timestamp) {
        loop {
            // Before the look at the time, so that no move is missed.
            let moved = self.inner.moved.notified();
            let left = time.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            // The clock was moved, or the time is over; either is looked at anew.
            let _ = tokio::time::timeout(left, moved).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_tokio_and_the_offset() {
        let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.unix_seconds(), 0);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(clock.unix_seconds(), 5);
        let other = clock.clone();
        other.advance(Duration::from_secs(3600));
        assert_eq!(clock.unix_seconds(), 3605);
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_is_reached_by_waiting_and_by_moving() {
        let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
        let at = |second| Timestamp::from_second(second).unwrap();
        clock.reached(at(-1)).await;
        clock.reached(at(60)).await;
        assert_eq!(clock.unix_seconds(), 60);
        let started = Instant::now();
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reached(at(3600)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3600));
        waiting.await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[test]
    fn stays_within_bounds() {
        let clock = Clock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert!(clock.now() <= Timestamp::MAX);
    }
}
