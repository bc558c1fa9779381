//! Whether and when a token request is tried again.

use std::time::Duration;

use crate::{AuthError, AuthErrorKind};

/// Requests per exchange. Callers are waiting, and the cache tries again
/// later, so there are few.
const MAX_ATTEMPTS: u32 = 3;

/// The longest first pause; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(800);

/// A service that asks for more is not waited for: the caller gets the error,
/// with the wait in it.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The pause before the next attempt, or `None` to give up. `attempts` were
/// made; `left` is the time the exchange still has; `chance` is from 0 up to 1
/// (full jitter, so that many callers do not come back together).
pub(super) fn pause(
    error: &AuthError,
    attempts: u32,
    left: Duration,
    chance: f64,
) -> Option<Duration> {
    let passing = matches!(error.kind(), AuthErrorKind::Transient | AuthErrorKind::Timeout);
    if !passing || attempts >= MAX_ATTEMPTS {
        return None;
    }
    let pause = match error.retry_after() {
        Some(asked) if asked > MAX_RETRY_AFTER => return None,
        Some(asked) => asked,
        None => {
            let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
            FIRST_PAUSE.saturating_mul(doubled).mul_f64(chance)
        }
    };
    (pause < left).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(90);

    fn error(kind: AuthErrorKind) -> AuthError {
        AuthError::new(kind, "test", "failed")
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
        assert_eq!(pause(&asked(Duration::ZERO), 1, LEFT, 0.5), Some(Duration::ZERO));
        assert_eq!(pause(&asked(Duration::from_secs(99_999_999)), 1, LEFT, 0.5), None);
        assert_eq!(pause(&asked(MAX_RETRY_AFTER), 1, Duration::from_secs(9), 0.5), None);
    }
}
