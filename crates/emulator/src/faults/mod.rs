//! Faults on demand: what to do wrong, for which requests, how often.
//!
//! Faults are scheduled in process (`emulator.faults().next(...)`) or over the
//! control endpoint (the same words as JSON). They work below the services:
//! resets and truncations are real ones on the TCP connection. The first
//! scheduled fault that fits a request and is not used up is taken.
//!
//! ```
//! use twinkit_emulator::faults::Fault;
//!
//! let busy = Fault::status(503)
//!     .retry_after_secs(1)
//!     .times(2)
//!     .on("digital-twins")
//!     .path_contains("/query");
//! # let _ = busy;
//! ```
//!
//! This module must not know what a service means by its answers. Faults of
//! tokens are kept where tokens are made
//! ([`Directory::shorten_next_tokens`](crate::identity::Directory::shorten_next_tokens),
//! [`Directory::revoke_tokens`](crate::identity::Directory::revoke_tokens)).

mod answer;
pub(crate) mod body;
mod fault;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use answer::{alter, status_answer};
use axum::http::{Method, Uri};
pub use fault::{Effect, Fault, RetryAfter, Shape};
use serde::Serialize;

/// Number of a scheduled fault within its emulator.
pub type FaultId = u64;

/// A fault as it stands: what was asked and how often it was served.
#[derive(Clone, Debug, Serialize)]
pub struct Scheduled {
    /// Its number.
    pub id: FaultId,
    /// What was asked.
    pub fault: Fault,
    /// Requests that it was applied to.
    pub served: u64,
    /// Requests that fitted but were let through by [`Fault::after`].
    pub skipped: u64,
}

impl Scheduled {
    fn is_used_up(&self) -> bool {
        self.fault.times.is_some_and(|times| self.served >= times)
    }
}

/// The schedule of one emulator; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last_id: FaultId,
    scheduled: Vec<Scheduled>,
}

impl Faults {
    /// Schedules a fault behind those already there.
    pub fn next(&self, fault: Fault) -> FaultId {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.scheduled.push(Scheduled { id, fault, served: 0, skipped: 0 });
        id
    }

    /// Requests that the fault was applied to; 0 for a number never given out.
    #[must_use]
    pub fn served(&self, id: FaultId) -> u64 {
        let state = self.lock();
        state.scheduled.iter().find(|entry| entry.id == id).map_or(0, |entry| entry.served)
    }

    /// All faults, used up or not, in the order scheduled.
    #[must_use]
    pub fn list(&self) -> Vec<Scheduled> {
        self.lock().scheduled.clone()
    }

    /// Takes one fault back; says whether it was there.
    pub fn cancel(&self, id: FaultId) -> bool {
        let mut state = self.lock();
        let before = state.scheduled.len();
        state.scheduled.retain(|entry| entry.id != id);
        state.scheduled.len() < before
    }

    /// Takes all faults back and forgets their counts.
    pub fn clear(&self) {
        self.lock().scheduled.clear();
    }

    /// The fault for a request, counted as served.
    pub(crate) fn take(
        &self,
        service: &str,
        method: &Method,
        uri: &Uri,
    ) -> Option<(FaultId, Fault)> {
        let mut state = self.lock();
        for entry in &mut state.scheduled {
            if entry.is_used_up() || !entry.fault.fits(service, method.as_str(), uri.path()) {
                continue;
            }
            if entry.skipped < entry.fault.after {
                entry.skipped += 1;
                continue;
            }
            entry.served += 1;
            return Some((entry.id, entry.fault.clone()));
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(faults: &Faults, service: &str, path: &'static str) -> Option<FaultId> {
        faults.take(service, &Method::GET, &Uri::from_static(path)).map(|(id, _)| id)
    }

    #[test]
    fn faults_fit_count_and_end() {
        let faults = Faults::default();
        let first =
            faults.next(Fault::status(503).times(2).on("a").path_contains("/QUERY").after(1));
        let second = faults.next(Fault::reset().always().on("a").method("get"));
        assert_eq!(take(&faults, "b", "/query"), None);
        assert_eq!(take(&faults, "a", "/x/query"), Some(second), "the first one waits");
        assert_eq!(take(&faults, "a", "/query"), Some(first));
        assert_eq!(take(&faults, "a", "/query"), Some(first));
        assert_eq!(take(&faults, "a", "/query"), Some(second));
        assert_eq!((faults.served(first), faults.served(second)), (2, 2));
        assert_eq!(faults.served(99), 0);
        assert!(faults.cancel(second) && !faults.cancel(second));
        faults.clear();
        assert!(faults.list().is_empty());
    }

    #[test]
    fn json_and_builder_say_the_same() {
        let json = r#"{"effect":{"kind":"status","status":429,"shape":"gatewayThrottle",
            "retryAfter":{"seconds":3}},"service":"digital-twins","times":2,"delayMillis":5}"#;
        let read: Fault = serde_json::from_str(json).unwrap();
        let built = Fault::status(429)
            .shape(Shape::GatewayThrottle)
            .retry_after_secs(3)
            .on("digital-twins")
            .times(2)
            .delayed(std::time::Duration::from_millis(5));
        assert_eq!(read, built);
        let once: Fault = serde_json::from_str(r#"{"effect":{"kind":"reset"}}"#).unwrap();
        assert_eq!(once, Fault::reset());
        assert!(serde_json::from_str::<Fault>(r#"{"effect":{"kind":"reset"},"time":2}"#).is_err());
    }
}
