//! Sending no faster than a service takes: a token bucket that all calls of a
//! client draw from, so that they wait for their turn here and are not refused
//! there. It must not know any platform's figures.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
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
/// Those who wait are served in the order in which they came, as a rule. One who gives up
/// takes nothing with them, but for a turn of an operation that has a pace of its own.
/// Those whose futures nobody polls are waited for as long as one turn takes, or a quarter
/// of a second, if that is longer: however many they are, and not again. The wait counts
/// against the call's time limit. Timers go by milliseconds: from some hundred requests a
/// second on a pace is reached with a [`burst`](Self::burst) only. Clones share the buckets: give one to several clients of the same service.
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
    /// second; it counts among all requests too. They join the others at that pace, and may
    /// leave closer together behind many who wait.
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

/// More who are ahead are waited for no longer.
const COUNTED: usize = 50;

/// Instead of counting tokens it keeps the time at which the next one is due
/// (the generic cell rate algorithm): no timer has to fill it.
struct Bucket {
    interval: Duration,
    /// Tokens that may be kept beside the one that is due.
    kept: u32,
    line: Mutex<Line>,
}

/// Who waits, and for what.
#[derive(Default)]
struct Line {
    /// When the next token is due; none before the first.
    next: Option<Instant>,
    /// Those who wait, by the order in which they came, and how they are told that they
    /// are the first.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// The last number that was handed out.
    last: u64,
}

/// A place in the line, which is left when this is dropped.
struct Place<'a> {
    bucket: &'a Bucket,
    number: u64,
    is_first: Arc<Notify>,
}

impl Bucket {
    fn new(per_second: u32) -> Self {
        Self::every(Duration::from_secs(1) / per_second.max(1))
    }

    fn every(interval: Duration) -> Self {
        Self { interval, kept: 0, line: Mutex::default() }
    }

    /// How long so many who are ahead are waited for behind the time of the token: long for
    /// a busy machine, short for those behind one that nobody polls.
    fn patience(&self, ahead: u32) -> Duration {
        let each = (self.interval / 4).max(Duration::from_millis(5));
        each.saturating_mul(ahead).min(self.interval.max(Duration::from_millis(250)))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing is held during the wait: who is not polled, as the calls of a stream whose
    /// reader does something else, must keep nobody else. A token is taken only when its
    /// time has come, so that dropping this future at any point takes none.
    async fn take(&self, clock: &dyn Clock) {
        let mut place = None;
        while let Some(wait) = self.try_take(&mut place, clock.instant()) {
            let Some(Place { is_first, .. }) = &place else { return };
            // Why the wait ended does not matter: it is looked again.
            let _ = timeout(wait, is_first.notified()).await;
        }
    }

    /// Takes a token if it is this one's turn. Else takes or keeps a place in the line, and
    /// gives how long it will be until all who are ahead have let their turns pass.
    fn try_take<'a>(&'a self, place: &mut Option<Place<'a>>, now: Instant) -> Option<Duration> {
        let mut line = self.line();
        let saved = self.interval.saturating_mul(self.kept);
        let next = line.next.unwrap_or(now);
        let due = now.checked_sub(saved).map_or(next, |least| next.max(least));
        let number = place.as_ref().map_or(u64::MAX, |place| place.number);
        let ahead = line.waiting.range(..number).take(COUNTED).count();
        let before = self.patience(u32::try_from(ahead).unwrap_or(u32::MAX));
        let unused = now.saturating_duration_since(next);
        if due <= now && unused >= before {
            line.next = due.checked_add(self.interval);
            // Who was ahead counts again when it comes for its turn.
            line.waiting = line.waiting.split_off(&number);
            line.waiting.remove(&number);
            tell_first(line);
            return None;
        }
        let Place { number, is_first, .. } = place.get_or_insert_with(|| {
            line.last += 1;
            Place { bucket: self, number: line.last, is_first: Arc::default() }
        });
        line.waiting.entry(*number).or_insert_with(|| Arc::clone(is_first));
        let passed = next.checked_add(before).unwrap_or(due);
        Some(passed.max(due).saturating_duration_since(now))
    }
}

/// Not within the lock: whoever is woken may come to it at once.
fn tell_first(line: MutexGuard<'_, Line>) {
    let first = line.waiting.first_key_value().map(|(_, first)| Arc::clone(first));
    drop(line);
    if let Some(first) = first {
        first.notify_one();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.bucket.line();
        // Still in the line: this one gives up.
        if line.waiting.remove(&self.number).is_some() {
            tell_first(line);
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

    #[tokio::test(start_paused = true)]
    async fn who_is_not_polled_keeps_nobody_waiting() {
        let pacing = Pacing::per_second(1);
        pacing.turn("a", &SystemClock).await;
        let start = Instant::now();
        let mut forgotten = Box::pin(pacing.turn("a", &SystemClock));
        assert!((&mut forgotten).now_or_never().is_none());
        // Waited for once, a quarter of a turn, and not again.
        assert_eq!(turns(&pacing, "a", 3).await, [1250, 2250, 3250]);
        for _ in 0..3 {
            pacing.turn("a", &SystemClock).await;
        }
        assert_eq!(start.elapsed().as_millis(), 6250);
        // It has not lost its claim, nor does it come with what it let pass.
        let mut behind = Box::pin(pacing.turn("a", &SystemClock));
        assert!((&mut behind).now_or_never().is_none());
        forgotten.await;
        assert_eq!(start.elapsed().as_millis(), 7250);
        behind.await;
        assert_eq!(start.elapsed().as_millis(), 8250);
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_are_not_polled_are_waited_for_no_longer() {
        for (rate, most) in [(1, 2000), (20, 300), (1000, 251)] {
            let pacing = Pacing::per_second(rate);
            pacing.turn("a", &SystemClock).await;
            let mut forgotten: Vec<_> =
                (0..1000).map(|_| Box::pin(pacing.turn("a", &SystemClock))).collect();
            for turn in &mut forgotten {
                assert!(turn.now_or_never().is_none());
            }
            assert_eq!(turns(&pacing, "a", 1).await, [most], "{rate} a second");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_not_passed_by_for_long_where_others_give_up() {
        let pacing = Pacing::per_second(1);
        pacing.turn("a", &SystemClock).await;
        let mut forgotten = Box::pin(pacing.turn("a", &SystemClock));
        assert!((&mut forgotten).now_or_never().is_none());
        let mut hasty: Vec<_> = (0..40).map(|_| Box::pin(pacing.turn("a", &SystemClock))).collect();
        for turn in &mut hasty {
            assert!(turn.now_or_never().is_none());
        }
        let waits = turns(&pacing, "a", 1);
        let others = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            drop(hasty);
            for _ in 0..5 {
                pacing.turn("a", &SystemClock).await;
            }
        };
        let (waited, ()) = tokio::join!(waits, others);
        assert!(waited[0] <= 3000, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_of_calls_with_calls_in_between_goes_on() {
        use futures_util::{StreamExt as _, stream};
        let (pacing, start) = (Pacing::per_second(20), Instant::now());
        let calls = (0..20).map(|_| pacing.turn("a", &SystemClock));
        let mut calls = stream::iter(calls).buffer_unordered(4);
        while calls.next().await.is_some() {
            // The calls of the stream are not polled meanwhile.
            pacing.turn("b", &SystemClock).await;
        }
        let took = start.elapsed().as_millis();
        assert!((1950..3500).contains(&took), "40 turns of 50 ms: {took}");
    }
}
