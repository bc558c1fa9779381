//! One cached token: what is held, what is under way, what failed lately. The
//! decisions are made here, under the slot's own lock and without waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::Id;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::policy::{self, Moment, Now};
use crate::{AccessToken, AuthError, AuthErrorKind};

pub(super) type Outcome = Result<AccessToken, AuthError>;

#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    last_used: AtomicU64,
}

#[derive(Debug, Default)]
pub(super) struct State {
    entry: Option<Entry>,
    pub(super) flight: Option<Flight>,
    /// A fetch of another slot that answers a claims challenge: its token is for
    /// this slot, and one had without those claims would be refused again.
    answer: Option<watch::Receiver<Option<Outcome>>>,
    failure: Option<Failure>,
    rejected: Option<Instant>,
}

#[derive(Debug)]
struct Entry {
    token: AccessToken,
    /// When the fetch that brought it started.
    started: Instant,
    refresh: Moment,
    usable: Moment,
    end: Moment,
    /// No background refresh before this, after one failed.
    pause: Option<Moment>,
}

/// A fetch under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
    pub(super) task: AbortHandle,
    /// The runtime that drives it.
    pub(super) runtime: Id,
}

#[derive(Debug)]
struct Failure {
    error: AuthError,
    quiet: Moment,
    strikes: u32,
    version: u64,
}

/// What a caller gets.
#[derive(Debug)]
pub(super) enum Look {
    /// A good token.
    Ready(AccessToken),
    /// A good token that should be replaced meanwhile.
    Refresh(AccessToken),
    /// A failure of a moment ago.
    Remembered(AuthError),
    /// Nothing: wait for a fetch.
    Fetch,
}

/// What became of a token that a service refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It is out of the cache.
    Dropped,
    /// It was out already, or another has taken its place.
    Replaced,
    /// It stays: another was thrown away a moment ago, and it may be the
    /// service that is at fault.
    TooSoon,
}

impl Slot {
    /// A panic while the lock was held cannot leave the state half-changed in a
    /// way that matters, so a poisoned lock is used on.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn touch(&self, tick: u64) {
        self.last_used.store(tick, Ordering::Relaxed);
    }

    pub(super) fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }
}

/// Nobody can be waiting any more: whoever waits holds the slot.
impl Drop for Slot {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = state.flight.take() {
            flight.task.abort();
        }
    }
}

impl State {
    /// What a plain reader gets. `version` is the source's input version, asked
    /// only if a failure is remembered.
    pub(super) fn look(&self, now: Now, version: impl FnOnce() -> u64) -> Look {
        if let Some(entry) = self.entry.as_ref().filter(|entry| !entry.usable.is_past(now)) {
            let token = entry.token.clone();
            let due = entry.refresh.is_past(now)
                && self.running().is_none()
                && entry.pause.is_none_or(|pause| pause.is_past(now));
            return if due { Look::Refresh(token) } else { Look::Ready(token) };
        }
        match self.remembered(now, version) {
            Some(error) => self.valid(now).map_or(Look::Remembered(error), Look::Ready),
            None => Look::Fetch,
        }
    }

    /// The failure that a new caller gets instead of a new request.
    pub(super) fn remembered(&self, now: Now, version: impl FnOnce() -> u64) -> Option<AuthError> {
        let failure = self.failure.as_ref().filter(|failure| !failure.quiet.is_past(now))?;
        (failure.version == version()).then(|| failure.error.clone().remembered())
    }

    /// The token if it has not ended, however close its end is.
    pub(super) fn valid(&self, now: Now) -> Option<AccessToken> {
        self.entry.as_ref().filter(|entry| !entry.end.is_past(now)).map(|e| e.token.clone())
    }

    /// The fetch under way. One that went without an outcome (a panic, a runtime
    /// that was shut down) has dropped its end of the channel and does not count.
    pub(super) fn running(&self) -> Option<&Flight> {
        self.flight.as_ref().filter(|flight| flight.outcome.has_changed().is_ok())
    }

    /// A claims challenge is being answered for this slot.
    pub(super) fn answer_comes(&mut self, answer: watch::Receiver<Option<Outcome>>) {
        self.answer = Some(answer);
    }

    /// The answer to a claims challenge that is under way.
    pub(super) fn answering(&self) -> Option<watch::Receiver<Option<Outcome>>> {
        self.answer.as_ref().filter(|answer| answer.has_changed().is_ok()).cloned()
    }

    /// Takes in a new token.
    pub(super) fn store(
        &mut self,
        source: &'static str,
        token: &AccessToken,
        started: Instant,
        now: Now,
    ) -> Result<(), AuthError> {
        let life = token.expires_at().duration_since(now.wall).unwrap_or_default();
        if life.is_zero() {
            let message = "the service gave a token that has already expired";
            return Err(AuthError::new(AuthErrorKind::Protocol, source, message)
                .with_hint("check this machine's clock"));
        }
        let life = life.min(policy::MAX_LIFE);
        let asked = token.refresh_at().map(|at| at.duration_since(now.wall).unwrap_or_default());
        self.forget_failure();
        // A fetch that started earlier but ended later brings the older token.
        let newer = self.entry.as_ref().is_some_and(|e| e.started > started && !e.end.is_past(now));
        if !newer {
            self.entry = Some(Entry {
                token: token.clone(),
                started,
                refresh: Moment::after(now, policy::refresh_after(life, asked)),
                usable: Moment::after(now, policy::usable(life)),
                end: Moment::after(now, life),
                pause: None,
            });
        }
        Ok(())
    }

    /// Takes in a failure. Returns whether it is the first since the token that
    /// is still held, and so worth a warning.
    pub(super) fn fail(&mut self, error: &AuthError, version: u64, now: Now) -> bool {
        let strikes = self.failure.as_ref().map_or(0, |failure| failure.strikes.saturating_add(1));
        let mut quiet = Moment::after(now, policy::quiet_time(error, strikes));
        let mut first = false;
        if let Some(entry) = self.entry.as_mut().filter(|entry| !entry.end.is_past(now)) {
            first = entry.pause.is_none();
            entry.pause = Some(Moment::after(now, policy::refresh_pause(error)));
            // Once the token has ended, the next caller asks anew.
            quiet = quiet.min(entry.end);
        }
        self.failure = Some(Failure { error: error.clone(), quiet, strikes, version });
        first
    }

    /// A fetch succeeded: earlier failures count no more.
    pub(super) fn forget_failure(&mut self) {
        self.failure = None;
    }

    /// Throws the token away if it is the one refused.
    pub(super) fn reject(&mut self, token: &AccessToken, now: Now) -> Rejection {
        let Some(entry) = self.entry.as_ref().filter(|entry| entry.token.is_same(token)) else {
            return Rejection::Replaced;
        };
        if entry.usable.is_past(now) {
            // It ended on its way to the service, whose clock need not be ours; the next
            // caller asks anew in any case.
            self.entry = None;
            return Rejection::Dropped;
        }
        // One asked for before the last refusal says nothing of what is given out since.
        let is_answer = |at: Instant| entry.started >= at;
        let lately = |at: Instant| now.monotonic.duration_since(at) < policy::REJECT_PAUSE;
        if self.rejected.is_some_and(|at| is_answer(at) && lately(at)) {
            return Rejection::TooSoon;
        }
        self.rejected = Some(now.monotonic);
        self.entry = None;
        Rejection::Dropped
    }

    /// Whether nothing here is of use any more.
    pub(super) fn is_spent(&self, now: Now) -> bool {
        self.running().is_none() && self.answering().is_none() && self.valid(now).is_none()
    }
}
