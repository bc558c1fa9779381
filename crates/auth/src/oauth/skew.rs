//! How far the service's clock is from this machine's, learned from the `Date`
//! headers of its answers. Assertions are dated by it, as services refuse those
//! from the future and the past.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use twinkit_http::server_date;

/// A smaller difference is the answer's way here, and every service's leeway.
const NOTABLE: Duration = Duration::from_secs(60);

/// The service's clock minus ours, in seconds; 0 until an answer came.
#[derive(Debug, Default)]
pub(super) struct Skew(AtomicI64);

impl Skew {
    /// Learns from an answer that came at `now`.
    pub(super) fn learn(&self, headers: &HeaderMap, now: SystemTime) {
        let Some(theirs) = server_date(headers) else { return };
        let seconds = match theirs.duration_since(now) {
            Ok(ahead) => whole_seconds(ahead),
            Err(behind) => -whole_seconds(behind.duration()),
        };
        self.0.store(seconds, Ordering::Relaxed);
    }

    /// `now` by the service's clock, if that differs by more than a minute.
    pub(super) fn correct(&self, now: SystemTime) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(skew.unsigned_abs());
        if by <= NOTABLE {
            return now;
        }
        let corrected = if skew > 0 { now.checked_add(by) } else { now.checked_sub(by) };
        corrected.unwrap_or(now)
    }

    /// The difference for people, if it is worth telling.
    pub(super) fn remark(&self) -> Option<String> {
        let skew = self.0.load(Ordering::Relaxed);
        let side = if skew > 0 { "behind" } else { "ahead of" };
        (skew.unsigned_abs() > NOTABLE.as_secs())
            .then(|| format!("this machine's clock is {} s {side} the service's", skew.abs()))
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::DATE;

    fn learned(date: &str, now: u64) -> (Skew, SystemTime) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        let headers = [(DATE, date.parse().unwrap())].into_iter().collect();
        let skew = Skew::default();
        skew.learn(&headers, now);
        (skew, now)
    }

    #[test]
    fn rule_10_a_clock_that_is_off_by_more_than_a_minute_is_corrected() {
        // The header says 784,111,777 seconds after the epoch.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let (skew, now) = learned(date, 784_111_777 - 3600);
        assert_eq!(skew.correct(now), now + Duration::from_secs(3600));
        assert!(skew.remark().unwrap().contains("3600 s behind"));
        let (skew, now) = learned(date, 784_111_777 + 100);
        assert_eq!(skew.correct(now), now - Duration::from_secs(100));
        assert!(skew.remark().unwrap().contains("100 s ahead of"));
        let (skew, now) = learned(date, 784_111_777 + 60);
        assert_eq!(skew.correct(now), now);
        assert_eq!(skew.remark(), None);
        let (skew, now) = learned("soon", 5);
        assert_eq!(skew.correct(now), now);
    }
}
