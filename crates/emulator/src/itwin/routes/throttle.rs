//! Rate limits, off unless the settings ask for them. Requests are counted for
//! each application, by the minutes and hours of the emulator's clock; the
//! platform's windows are not known.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::itwin::config::Rates;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// Counts the requests of each application.
#[derive(Debug)]
pub(in crate::itwin) struct Throttle {
    rates: Mutex<Option<Rates>>,
    counts: Mutex<HashMap<String, Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    minute: Window,
    hour: Window,
}

#[derive(Debug, Default)]
struct Window {
    number: i64,
    requests: u32,
}

impl Window {
    /// Counts a request; the seconds to wait if it is one too many.
    fn count(&mut self, second: i64, length: i64, most: u32) -> Option<u64> {
        let number = second.div_euclid(length);
        if self.number != number {
            *self = Self { number, requests: 0 };
        }
        self.requests = self.requests.saturating_add(1);
        let rest = length - second.rem_euclid(length);
        (self.requests > most).then_some(rest.unsigned_abs())
    }
}

impl Throttle {
    pub(in crate::itwin) fn new(rates: Option<Rates>) -> Self {
        Self { rates: Mutex::new(rates), counts: Mutex::default() }
    }

    /// Takes other limits from now on and counts anew; none: never refuses.
    pub(in crate::itwin) fn set(&self, rates: Option<Rates>) {
        *self.rates.lock().unwrap_or_else(PoisonError::into_inner) = rates;
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a request of this second; the seconds to wait if it is one too many.
    pub(super) fn count(&self, application: &str, second: i64) -> Option<u64> {
        let rates = (*self.rates.lock().unwrap_or_else(PoisonError::into_inner))?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.entry(application.to_owned()).or_default();
        let minute = counts.minute.count(second, MINUTE, rates.per_minute);
        let most = rates.per_hour.unwrap_or(u32::MAX);
        minute.max(counts.hour.count(second, HOUR, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_has_minutes_and_hours_of_its_own() {
        let throttle = Throttle::new(Some(Rates { per_minute: 2, per_hour: Some(3) }));
        assert_eq!([throttle.count("a", 10), throttle.count("a", 10)], [None, None]);
        assert_eq!(throttle.count("a", 10), Some(50));
        assert_eq!(throttle.count("b", 10), None);
        assert_eq!(throttle.count("a", 60), Some(3540));
        throttle.set(None);
        assert!((0..100).all(|_| throttle.count("a", 60).is_none()));
    }
}
