//! How often and how long: the numbers of repeating.

use std::time::Duration;

/// Three repeats ride out a restart or a short overload; more only make a
/// failure that stays take longer to be told.
const MAX_RETRIES: u32 = 3;
/// The bound of the first wait. Half of it on average is about what a
/// connection to another region takes to come up again.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The bound at which doubling stops: two full waits still fit the deadline.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// A service that asks for more than this is not waited for inside a call; the
/// caller learns the wait and can plan with it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// A person or a request above us seldom waits longer than a minute.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Half of the above, so that one attempt that hangs leaves room for another.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// A hundred repeats at once, over all calls of a client.
const BUDGET: u32 = 500;

/// How often and how long a client repeats. The default suits most programs;
/// [the table](crate::retry) of what is repeated at all is fixed.
///
/// # The budget
///
/// Each repeat takes five tokens from a bucket that all calls of a client
/// share; a call that succeeds gives back what its last repeat took, or one
/// token if it needed none. With the bucket empty, failures are told at once.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(crate) max_retries: u32,
    pub(crate) first_wait: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) longest_retry_after: Duration,
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: MAX_RETRIES,
            first_wait: FIRST_WAIT,
            longest_wait: LONGEST_WAIT,
            longest_retry_after: LONGEST_RETRY_AFTER,
            timeout: TIMEOUT,
            attempt_timeout: ATTEMPT_TIMEOUT,
            budget: BUDGET,
        }
    }
}

impl RetryPolicy {
    /// Three repeats, waits from 0.5 s doubling to 20 s, a minute in all, half
    /// a minute per attempt.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Repeats at most this often.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Bounds of the random waits: the first, and the one where doubling stops.
    #[must_use]
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest.max(first);
        self
    }

    /// Longest `Retry-After` that is waited for inside a call.
    #[must_use]
    pub fn longest_retry_after(mut self, wait: Duration) -> Self {
        self.longest_retry_after = wait;
        self
    }

    /// How long a call may take in all.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How long one attempt may take.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// Size of the [budget](#the-budget), in tokens.
    #[must_use]
    pub fn budget(mut self, tokens: u32) -> Self {
        self.budget = tokens;
        self
    }

    /// The wait before repeat number `retry` (from 0): what the service asks
    /// for, or `fraction` (0 to 1) of a bound that doubles. `None` if the
    /// service asks for more than is waited inside a call.
    pub(crate) fn wait(
        &self,
        retry: u32,
        asked: Option<Duration>,
        fraction: f64,
    ) -> Option<Duration> {
        match asked {
            Some(wait) if wait > self.longest_retry_after => None,
            Some(wait) if wait > Duration::ZERO => Some(wait),
            // No wait at all is no wish: many callers would come back at once.
            _ => {
                let doubled = self.first_wait.saturating_mul(2_u32.saturating_pow(retry));
                Some(doubled.min(self.longest_wait).mul_f64(fraction.clamp(0.0, 1.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let policy = RetryPolicy::new();
        let bounds: Vec<_> =
            (0..8).map(|n| policy.wait(n, None, 1.0).unwrap().as_secs_f64()).collect();
        assert_eq!(bounds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]);
        assert_eq!(policy.wait(u32::MAX, None, 0.5), Some(Duration::from_secs(10)));
        assert_eq!(policy.wait(0, None, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn the_services_wish_is_kept_up_to_a_bound() {
        let policy = RetryPolicy::new().longest_retry_after(Duration::from_secs(3));
        let asked = |seconds| policy.wait(5, Some(Duration::from_secs(seconds)), 0.1);
        assert_eq!(asked(0), policy.wait(5, None, 0.1), "a storm otherwise");
        assert_eq!(asked(3), Some(Duration::from_secs(3)));
        assert_eq!(asked(4), None);
    }
}
