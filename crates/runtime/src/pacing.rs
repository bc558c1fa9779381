//! Sending no faster than a service takes: a token bucket that all calls of a
//! client draw from, so that they wait for their turn here and are not refused
//! there. It must not know any platform's figures.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use twinkit_http::Clock;

/// How many requests a client sends per second: in all, and of single
/// operations.
///
/// ```
/// use twinkit_runtime::Pacing;
///
/// let pacing = Pacing::per_second(20).operation("run_query", 1);
/// # let _ = pacing;
/// ```
///
/// Each attempt takes one token, repeats included. Tokens come back evenly, one
/// after each twentieth of a second in the example; [`burst`](Self::burst) lets
/// so many unused ones be kept for later. By default it is one, so that no
/// second sees more than what was set.
///
/// Those who wait are served in the order in which they came, and one who gives
/// up takes nothing with them. The wait counts against the call's time limit.
/// Clones share the buckets: give one to several clients of the same service.
#[derive(Clone)]
pub struct Pacing {
    all: Arc<Bucket>,
    operations: Vec<(Cow<'static, str>, Arc<Bucket>)>,
}

impl Pacing {
    /// So many requests a second; 0 counts as 1.
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self { all: Arc::new(Bucket::new(requests)), operations: Vec::new() }
    }

    /// Of the operation `id`, as the client's method is called, only so many a
    /// second; it counts among all requests too.
    #[must_use]
    pub fn operation(mut self, id: impl Into<Cow<'static, str>>, requests: u32) -> Self {
        self.operations.push((id.into(), Arc::new(Bucket::new(requests))));
        self
    }

    /// Keeps up to so many unused tokens, so that a client that was idle may
    /// send as many at once. For all operations together; those with a rate of
    /// their own stay evenly paced. The buckets are new ones, not shared with
    /// earlier clones.
    #[must_use]
    pub fn burst(mut self, tokens: u32) -> Self {
        let kept = tokens.max(1) - 1;
        let bucket = Bucket { kept, ..Bucket::every(self.all.interval) };
        self.all = Arc::new(bucket);
        self
    }

    /// Waits for this request's turn and takes it.
    pub(crate) async fn turn(&self, operation: &str, clock: &dyn Clock) {
        if let Some((_, bucket)) = self.operations.iter().find(|(id, _)| id == operation) {
            bucket.take(clock).await;
        }
        self.all.take(clock).await;
    }
}

impl fmt::Debug for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.operations.iter().map(|(id, bucket)| (id, bucket.interval));
        f.debug_struct("Pacing")
            .field("interval", &self.all.interval)
            .field("operations", &operations.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Instead of counting tokens it keeps the time at which the next one is due
/// (the generic cell rate algorithm): no timer has to fill it.
struct Bucket {
    interval: Duration,
    /// Tokens that may be kept beside the one that is due.
    kept: u32,
    /// Tokio's lock lets waiters in by the order in which they came, and one
    /// that is dropped leaves the line.
    next: Mutex<Option<Instant>>,
}

impl Bucket {
    fn new(per_second: u32) -> Self {
        Self::every(Duration::from_secs(1) / per_second.max(1))
    }

    fn every(interval: Duration) -> Self {
        Self { interval, kept: 0, next: Mutex::new(None) }
    }

    /// The lock is held during the wait: the first of the line waits for the
    /// clock, the others for the first. A token is taken only when its time has
    /// come, so that dropping this future at any point takes none.
    async fn take(&self, clock: &dyn Clock) {
        let mut next = self.next.lock().await;
        let saved = self.interval.saturating_mul(self.kept);
        loop {
            let now = clock.instant();
            let due = next.unwrap_or(now).max(now.checked_sub(saved).unwrap_or(now));
            match due.checked_duration_since(now) {
                Some(wait) if !wait.is_zero() => sleep(wait).await,
                _ => {
                    *next = due.checked_add(self.interval);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;
    use twinkit_http::SystemClock;

    async fn turns(pacing: &Pacing, operation: &str, count: usize) -> Vec<u128> {
        let start = Instant::now();
        let turn = || async {
            pacing.turn(operation, &SystemClock).await;
            start.elapsed().as_millis()
        };
        join_all((0..count).map(|_| turn())).await
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_evenly_and_in_order() {
        let pacing = Pacing::per_second(20);
        assert_eq!(turns(&pacing, "a", 5).await, [0, 50, 100, 150, 200]);
        // What was not used in a pause is not made up for.
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(turns(&pacing.clone(), "a", 3).await, [0, 50, 100]);
        assert_eq!(turns(&Pacing::per_second(0), "a", 2).await, [0, 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_what_was_saved() {
        let pacing = Pacing::per_second(10).burst(3);
        assert_eq!(turns(&pacing, "a", 1).await, [0], "it starts empty of savings");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(turns(&pacing, "a", 5).await, [0, 0, 0, 100, 200]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_has_its_own_rate_and_counts_among_all() {
        let pacing = Pacing::per_second(4).operation("run_query", 1);
        assert_eq!(turns(&pacing, "run_query", 3).await, [0, 1000, 2000]);
        assert_eq!(turns(&pacing, "get_device", 2).await, [250, 500]);
        assert!(format!("{pacing:?}").contains("run_query"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_takes_no_turn() {
        let pacing = Pacing::per_second(1);
        pacing.turn("a", &SystemClock).await;
        let start = Instant::now();
        let mut given_up = Box::pin(pacing.turn("a", &SystemClock));
        let mut second = Box::pin(pacing.turn("a", &SystemClock));
        assert!((&mut given_up).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        tokio::time::advance(Duration::from_millis(900)).await;
        drop(given_up);
        second.await;
        assert_eq!(start.elapsed().as_millis(), 1000);
    }
}
