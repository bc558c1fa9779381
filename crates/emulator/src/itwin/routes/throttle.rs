//! Rate limits, off unless the settings ask for them. Requests are counted for
//! each application, by the minutes and hours of the emulator's clock; the
//! platform's windows are not known. Of iModels, some are counted apart, too.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::Api;
use crate::itwin::config::{ImodelRates, Rates};

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
    apart: HashMap<Apart, Window>,
}

/// A request that is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Apart {
    Creation,
    Clone,
    Fork,
    Acquisition,
}

impl Apart {
    /// By the words behind the API's own.
    pub(super) fn of(api: Api, method: &str, words: &[&str]) -> Option<Self> {
        if api != Api::IModels || method != "POST" {
            return None;
        }
        match words {
            [] => Some(Self::Creation),
            [_, word] if word.eq_ignore_ascii_case("clone") => Some(Self::Clone),
            [_, word] if word.eq_ignore_ascii_case("fork") => Some(Self::Fork),
            [_, word] if word.eq_ignore_ascii_case("briefcases") => Some(Self::Acquisition),
            _ => None,
        }
    }

    /// How the header that names the operation calls it.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Creation => "/imodels",
            Self::Clone => "/imodels/{id}/clone",
            Self::Fork => "/imodels/{id}/fork",
            Self::Acquisition => "/imodels/{id}/briefcases",
        }
    }

    fn most(self, rates: ImodelRates) -> u32 {
        match self {
            Self::Creation => rates.creations,
            Self::Clone | Self::Fork => rates.copies,
            Self::Acquisition => rates.acquisitions,
        }
    }
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
    pub(super) fn count(
        &self,
        application: &str,
        apart: Option<Apart>,
        second: i64,
    ) -> Option<u64> {
        let rates = (*self.rates.lock().unwrap_or_else(PoisonError::into_inner))?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.entry(application.to_owned()).or_default();
        let minute = counts.minute.count(second, MINUTE, rates.per_minute);
        let most = rates.per_hour.unwrap_or(u32::MAX);
        let refused = minute.max(counts.hour.count(second, HOUR, most));
        let apart = apart.zip(rates.imodels).and_then(|(apart, rates)| {
            let window = counts.apart.entry(apart).or_default();
            window.count(second, MINUTE, apart.most(rates))
        });
        refused.max(apart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_has_minutes_and_hours_of_its_own() {
        let rates = Rates { per_minute: 2, per_hour: Some(3), imodels: None };
        let throttle = Throttle::new(Some(rates));
        let count = |application: &str, second| throttle.count(application, None, second);
        assert_eq!([count("a", 10), count("a", 10)], [None, None]);
        assert_eq!(count("a", 10), Some(50));
        assert_eq!(count("b", 10), None);
        assert_eq!(count("a", 60), Some(3540));
        throttle.set(None);
        assert!((0..100).all(|_| count("a", 60).is_none()));
    }

    #[test]
    fn what_is_counted_apart_has_a_count_of_its_own() {
        let of = |method: &str, words: &[&str]| Apart::of(Api::IModels, method, words);
        assert_eq!(of("POST", &[]), Some(Apart::Creation));
        assert_eq!(of("POST", &["i", "Clone"]), Some(Apart::Clone));
        assert_eq!(of("POST", &["i", "briefcases"]), Some(Apart::Acquisition));
        assert_eq!((of("GET", &[]), of("POST", &["i", "changesets"])), (None, None));
        assert_eq!(Apart::of(Api::Webhooks, "POST", &[]), None);

        let imodels = Some(ImodelRates { creations: 1, copies: 1, acquisitions: 2 });
        let throttle = Throttle::new(Some(Rates { imodels, ..Rates::default() }));
        let count = |apart, second| throttle.count("a", apart, second);
        for apart in [Apart::Creation, Apart::Clone, Apart::Fork] {
            assert_eq!(count(Some(apart), 10), None);
            assert_eq!(count(Some(apart), 20), Some(40), "{apart:?}");
        }
        assert!(count(Some(Apart::Acquisition), 20).is_none() && count(None, 20).is_none());
        assert_eq!(count(Some(Apart::Creation), 60), None, "another minute");
    }
}
