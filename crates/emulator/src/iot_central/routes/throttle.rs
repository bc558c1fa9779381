//! Rate limits, off unless the settings ask for them. Requests are counted by
//! the second of the emulator's clock; the platform's window is not known.

use std::sync::{Mutex, PoisonError};

use crate::iot_central::config::Rates;

/// Counts the requests of the current second.
#[derive(Debug)]
pub(in crate::iot_central) struct Throttle {
    rates: Mutex<Option<Rates>>,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    second: i64,
    requests: u32,
    queries: u32,
}

impl Throttle {
    pub(in crate::iot_central) fn new(rates: Option<Rates>) -> Self {
        Self { rates: Mutex::new(rates), window: Mutex::default() }
    }

    /// Takes other limits from now on; none: never refuses.
    pub(in crate::iot_central) fn set(&self, rates: Option<Rates>) {
        *self.rates.lock().unwrap_or_else(PoisonError::into_inner) = rates;
    }

    /// Counts a request of this second.
    pub(super) fn is_one_too_many(&self, is_query: bool, second: i64) -> bool {
        let rates = *self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rates) = rates else { return false };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.second != second {
            *window = Window { second, ..Window::default() };
        }
        window.requests = window.requests.saturating_add(1);
        window.queries = window.queries.saturating_add(u32::from(is_query));
        window.requests > rates.requests || (is_query && window.queries > rates.queries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_queries_have_limits_of_their_own() {
        let throttle = Throttle::new(Some(Rates { requests: 3, queries: 1 }));
        assert!(!throttle.is_one_too_many(true, 1));
        assert!(throttle.is_one_too_many(true, 1));
        assert!(!throttle.is_one_too_many(false, 1));
        assert!(throttle.is_one_too_many(false, 1));
        assert!(!throttle.is_one_too_many(true, 2));
        throttle.set(None);
        assert!((0..100).all(|_| !throttle.is_one_too_many(true, 2)));
    }
}
