//! Whether and when a request for a token is tried again, and the loop that
//! does it. What an attempt sends is its caller's business.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tracing::Span;
use twinkit_http::random;

use super::Exchange;
use crate::{AuthError, AuthErrorKind, BoxFuture};

/// How long and how often one kind of endpoint is asked.
#[derive(Debug)]
pub(crate) struct Policy {
    /// One request, from the first byte sent to the last received.
    pub(crate) attempt_limit: Duration,
    /// All attempts and pauses together.
    pub(crate) total_limit: Duration,
    /// The pause before the next attempt, or `None` to give up.
    pub(crate) pause: fn(Failed<'_>) -> Option<Duration>,
}

/// An attempt that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed<'a> {
    pub(crate) error: &'a AuthError,
    /// How many were made, this one included.
    pub(crate) attempts: u32,
    /// The time that is left for all further ones.
    pub(crate) left: Duration,
    /// From 0 up to 1, for jitter.
    pub(crate) chance: f64,
}

/// Token endpoints: they answer within a second or two. Callers are waiting,
/// and the cache tries again later, so there are few attempts.
pub(crate) const TOKEN_ENDPOINT: Policy = Policy {
    attempt_limit: Duration::from_secs(30),
    total_limit: Duration::from_secs(90),
    pause: pause_at_token_endpoint,
};

/// Polls of a sign-in on another device: their pauses are the poll's own
/// business.
pub(crate) const POLL: Policy = Policy {
    attempt_limit: Duration::from_secs(30),
    total_limit: Duration::from_secs(30),
    pause: |_| None,
};

const MAX_ATTEMPTS: u32 = 3;

/// The longest first pause; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(800);

/// A service that asks for more is not waited for: the caller gets the error,
/// with the wait in it.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Full jitter, so that many callers do not come back together.
fn pause_at_token_endpoint(failed: Failed<'_>) -> Option<Duration> {
    let Failed { error, attempts, left, chance } = failed;
    let passing = matches!(error.kind(), AuthErrorKind::Transient | AuthErrorKind::Timeout);
    if !passing || attempts >= MAX_ATTEMPTS {
        return None;
    }
    let pause = match error.retry_after() {
        Some(asked) if asked > MAX_RETRY_AFTER => return None,
        Some(asked) if !asked.is_zero() => asked,
        // Nothing is no reason for all callers to come back at once.
        _ => {
            let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
            FIRST_PAUSE.saturating_mul(doubled).mul_f64(chance)
        }
    };
    (pause < left).then_some(pause)
}

/// Makes attempts until one succeeds or `policy` gives up. `peer` names who is
/// asked, for the error of one that does not answer.
pub(crate) async fn run<'a, T>(
    policy: &Policy,
    exchange: Exchange<'_>,
    peer: &str,
    mut attempt: impl FnMut() -> BoxFuture<'a, Result<T, AuthError>>,
) -> Result<T, AuthError> {
    let started = Instant::now();
    let deadline = started + policy.total_limit;
    let span = Span::current();
    let mut attempts = 0;
    loop {
        attempts += 1;
        span.record("attempts", attempts);
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = policy.attempt_limit.min(left);
        let error = match timeout(limit, attempt()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(_) => {
                // All attempts together: that is what the caller waited.
                let waited = started.elapsed().as_secs();
                let message = format!("{peer} did not answer within {waited} s");
                AuthError::new(AuthErrorKind::Timeout, exchange.source, message)
            }
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let chance = random::fraction();
        let failed = Failed { error: &error, attempts, left, chance };
        let Some(pause) = (policy.pause)(failed) else {
            if let Some(id) = error.correlation_id() {
                span.record("correlation_id", id);
            }
            // A wrong setting was found before this attempt sent anything.
            let unsent = u32::from(error.kind() == AuthErrorKind::Config);
            return Err(error.with_attempts(attempts - unsent, exchange.context.request_id()));
        };
        tracing::debug!(%error, pause_ms = pause.as_millis() as u64, "token request fails");
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(90);

    fn error(kind: AuthErrorKind) -> AuthError {
        AuthError::new(kind, "test", "failed")
    }

    fn pause(error: &AuthError, attempts: u32, left: Duration, chance: f64) -> Option<Duration> {
        pause_at_token_endpoint(Failed { error, attempts, left, chance })
    }

    #[test]
    fn passing_failures_are_tried_three_times_with_growing_pauses() {
        let failed = error(AuthErrorKind::Transient);
        assert_eq!(pause(&failed, 1, LEFT, 0.5), Some(Duration::from_millis(400)));
        assert_eq!(pause(&failed, 2, LEFT, 0.5), Some(Duration::from_millis(800)));
        assert_eq!(pause(&failed, 3, LEFT, 0.5), None);
        assert!(pause(&error(AuthErrorKind::Timeout), 1, LEFT, 0.0).is_some());
    }

    #[test]
    fn refusals_are_final() {
        for kind in [
            AuthErrorKind::Rejected,
            AuthErrorKind::Protocol,
            AuthErrorKind::Config,
            AuthErrorKind::InteractionRequired,
            AuthErrorKind::Denied,
        ] {
            assert_eq!(pause(&error(kind), 1, LEFT, 0.5), None, "{kind:?}");
        }
    }

    #[test]
    fn retry_after_is_kept_to_up_to_its_cap_and_the_time_left() {
        let asked = |wait| error(AuthErrorKind::Transient).with_retry_after(wait);
        assert_eq!(pause(&asked(MAX_RETRY_AFTER), 1, LEFT, 0.5), Some(MAX_RETRY_AFTER));
        let own = Some(Duration::from_millis(400));
        assert_eq!(pause(&asked(Duration::ZERO), 1, LEFT, 0.5), own);
        assert_eq!(pause(&asked(Duration::from_secs(99_999_999)), 1, LEFT, 0.5), None);
        assert_eq!(pause(&asked(MAX_RETRY_AFTER), 1, Duration::from_secs(9), 0.5), None);
    }
}
