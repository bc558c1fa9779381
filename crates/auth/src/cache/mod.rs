//! The token cache of one credential: per key at most one fetch at a time,
//! refresh ahead of expiry, readers never held up by another key's fetch.
//!
//! `key` says which requests share a token, `policy` holds the numbers, `slot`
//! decides, `flight` fetches. It must not know any grant nor HTTP.

mod flight;
mod key;
mod policy;
mod slot;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use twinkit_http::Clock;

use self::flight::Mode;
use self::key::Key;
use self::policy::Now;
pub(crate) use self::slot::Rejection;
use self::slot::{Flight, Look, Outcome, Slot, State};
use crate::{AccessToken, AuthError, AuthErrorKind, TokenRequest, TokenSource};

type Slots = HashMap<Key, Arc<Slot>>;

#[derive(Debug)]
pub(crate) struct Cache {
    source: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    /// Held for look-up and insertion only.
    slots: RwLock<Slots>,
    tick: AtomicU64,
}

impl Cache {
    pub(crate) fn new(source: Arc<dyn TokenSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, slots: RwLock::default(), tick: AtomicU64::new(0) }
    }

    pub(crate) fn source(&self) -> &dyn TokenSource {
        &*self.source
    }

    pub(crate) async fn token(&self, request: &TokenRequest) -> Outcome {
        let key = Key::of(request);
        let slot = self.slot(&key);
        let past_cache = request.force_refresh() || key.has_claims();
        let mut is_second = false;
        let outcome = loop {
            let (waited_for, runtime) = {
                let now = Now::read(&*self.clock);
                let mut state = slot.lock();
                match self.look(&state, request, &key, now) {
                    Look::Ready(token) => return Ok(token),
                    Look::Remembered(error) => return Err(error),
                    Look::Refresh(token) => {
                        // The token at hand is good whether or not this succeeds.
                        let _ = self.depart(&mut state, &slot, &key, request, Mode::Refresh);
                        return Ok(token);
                    }
                    Look::Fetch => match (state.answering(), state.running()) {
                        (Some(answer), _) if !past_cache => (answer, None),
                        (_, Some(flight)) => (flight.outcome.clone(), Some(flight.runtime)),
                        _ => self.depart(&mut state, &slot, &key, request, Mode::Fetch)?,
                    },
                }
            };
            let arrived = arrive(waited_for).await;
            // An answer leaves its token in this slot, or nothing has changed.
            let Some(runtime) = runtime else { continue };
            match arrived {
                Some(outcome) => break outcome,
                // It ended with its runtime, which is no fault of those elsewhere.
                None if !is_second && is_elsewhere(runtime) => is_second = true,
                None => break Err(self.cut_off()),
            }
        };
        match outcome {
            // A token in its last seconds is better than none.
            Err(error) if !past_cache => slot.lock().valid(Now::read(&*self.clock)).ok_or(error),
            outcome => outcome,
        }
    }

    pub(crate) fn token_at_hand(&self, request: &TokenRequest) -> Option<AccessToken> {
        let key = Key::of(request);
        let slot = self.slot(&key);
        let state = slot.lock();
        match self.look(&state, request, &key, Now::read(&*self.clock)) {
            Look::Ready(token) => Some(token),
            _ => None,
        }
    }

    pub(crate) fn reject(&self, request: &TokenRequest, token: &AccessToken) -> Rejection {
        let slot = self.slot(&Key::of(request).base());
        slot.lock().reject(token, Now::read(&*self.clock))
    }

    /// Drops all tokens and remembered errors. Fetches under way reach those who
    /// wait for them, and nobody else.
    pub(crate) fn clear(&self) {
        self.slots.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.slots.read().unwrap().len()
    }

    fn look(&self, state: &State, request: &TokenRequest, key: &Key, now: Now) -> Look {
        let version = || self.source.input_version();
        if request.force_refresh() {
            Look::Fetch
        } else if key.has_claims() {
            state.remembered(now, version).map_or(Look::Fetch, Look::Remembered)
        } else {
            state.look(now, version)
        }
    }

    /// Starts the fetch that everybody with this key will wait for.
    fn depart(
        &self,
        state: &mut State,
        slot: &Arc<Slot>,
        key: &Key,
        request: &TokenRequest,
        mode: Mode,
    ) -> Result<(watch::Receiver<Option<Outcome>>, Option<Id>), AuthError> {
        let base = if key.has_claims() { self.slot(&key.base()) } else { Arc::clone(slot) };
        let flight = Flight::start(self, slot, &base, request, mode)?;
        let (outcome, runtime) = (flight.outcome.clone(), Some(flight.runtime));
        state.flight = Some(flight);
        if key.has_claims() {
            base.lock().answer_comes(outcome.clone());
        }
        Ok((outcome, runtime))
    }

    fn cut_off(&self) -> AuthError {
        let message = "the request for a token was cut off (its task panicked, or its runtime \
                       was shut down)";
        AuthError::new(AuthErrorKind::Transient, self.source.name(), message)
    }

    fn slot(&self, key: &Key) -> Arc<Slot> {
        let tick = self.tick.fetch_add(1, Ordering::Relaxed);
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let found = slots.get(key).map(Arc::clone);
        drop(slots);
        let slot = found.unwrap_or_else(|| self.add_slot(key));
        slot.touch(tick);
        slot
    }

    fn add_slot(&self, key: &Key) -> Arc<Slot> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        let now = Now::read(&*self.clock);
        slots.retain(|key, slot| !(key.is_exchanged() && is_spent(slot, now)));
        if slots.len() >= policy::MAX_SLOTS {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.last_used());
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                slots.remove(&oldest);
            }
        }
        let slot = Arc::new(Slot::default());
        slots.insert(key.clone(), Arc::clone(&slot));
        slot
    }
}

/// Waits for a fetch's outcome; there is none if it was cut off.
async fn arrive(mut outcome: watch::Receiver<Option<Outcome>>) -> Option<Outcome> {
    outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
}

/// Whether the caller is on another runtime.
fn is_elsewhere(runtime: Id) -> bool {
    Handle::try_current().is_ok_and(|here| here.id() != runtime)
}

/// Whether a slot can go: nothing in it and nobody at it. A slot whose lock is
/// taken is in use.
fn is_spent(slot: &Arc<Slot>, now: Now) -> bool {
    Arc::strong_count(slot) == 1 && slot.lock().is_spent(now)
}
