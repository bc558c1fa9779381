//! The cache's numbers and the sums done with them. Pure: no clock is read
//! here.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use twinkit_http::{Clock, random};

use crate::{AuthError, AuthErrorKind};

/// A token is replaced in the background this long before its end...
const REFRESH_WINDOW: Duration = Duration::from_secs(5 * 60);
/// ...but not before three quarters of a short life.
const REFRESH_SHARE: u32 = 4;

/// Spreads the refreshes of many processes that started together...
const JITTER: Duration = Duration::from_secs(60);
/// ...by at most a twentieth of the life.
const JITTER_SHARE: u32 = 20;

/// A token this close to its end may expire on its way to the service.
const SKEW: Duration = Duration::from_secs(10);

/// Pause after a failed refresh while the old token is still good.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);
/// How long a service may put off that next try.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(5 * 60);

/// How long a passing failure is remembered at first; doubles with each more.
const QUIET_FIRST: Duration = Duration::from_secs(1);
/// The longest a passing failure is remembered, also if the service asks for
/// more: a person may be waiting.
const QUIET_CAP: Duration = Duration::from_secs(30);
/// How long a refusal is remembered: this, and up to once more by chance.
const QUIET_REFUSED: Duration = Duration::from_secs(30);

/// One replacement of a refused token per key in this time.
pub(super) const REJECT_PAUSE: Duration = Duration::from_secs(10);

/// Tokens kept per credential.
pub(super) const MAX_SLOTS: usize = 1024;

/// Longer lives are not believed; keeps sums of times in range.
pub(super) const MAX_LIFE: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// One reading of both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) wall: SystemTime,
    pub(super) monotonic: Instant,
}

impl Now {
    pub(super) fn read(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.instant() }
    }
}

/// A moment on both clocks, passed as soon as either says so: the wall clock
/// may be set back, the monotonic one may stand still while a machine sleeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    wall: SystemTime,
    monotonic: Instant,
}

impl Moment {
    pub(super) fn after(now: Now, wait: Duration) -> Self {
        let wait = wait.min(MAX_LIFE);
        Self {
            wall: now.wall.checked_add(wait).unwrap_or(now.wall),
            monotonic: now.monotonic.checked_add(wait).unwrap_or(now.monotonic),
        }
    }

    /// The earlier of two, by each clock.
    pub(super) fn min(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), monotonic: self.monotonic.min(other.monotonic) }
    }

    pub(super) fn is_past(&self, now: Now) -> bool {
        now.monotonic >= self.monotonic || now.wall >= self.wall
    }
}

/// When to replace a token of this life in the background, from now on.
/// `asked` is the service's own wish, heeded unless it would mean to refresh
/// all the time or not at all.
pub(super) fn refresh_after(life: Duration, asked: Option<Duration>) -> Duration {
    let sensible = life / JITTER_SHARE..usable(life);
    if let Some(asked) = asked.filter(|asked| sensible.contains(asked)) {
        return asked;
    }
    let window = REFRESH_WINDOW.min(life / REFRESH_SHARE);
    let jitter = JITTER.min(life / JITTER_SHARE).mul_f64(random::fraction());
    life.saturating_sub(window).saturating_sub(jitter)
}

/// How long a token of this life may be handed out without further thought.
pub(super) fn usable(life: Duration) -> Duration {
    life.saturating_sub(SKEW.min(life / REFRESH_SHARE))
}

/// Pause before the next background refresh after one failed.
pub(super) fn refresh_pause(error: &AuthError) -> Duration {
    error.retry_after().map_or(REFRESH_PAUSE, |wait| wait.max(REFRESH_PAUSE).min(RETRY_AFTER_CAP))
}

/// How long a failure is remembered, if it is the `strikes`-th in a row (from
/// 0).
pub(super) fn quiet_time(error: &AuthError, strikes: u32) -> Duration {
    match error.kind() {
        // Found without asking anybody: costs nothing to find again.
        AuthErrorKind::Config => Duration::ZERO,
        AuthErrorKind::Rejected | AuthErrorKind::InteractionRequired | AuthErrorKind::Denied => {
            QUIET_REFUSED.mul_f64(1.0 + random::fraction())
        }
        AuthErrorKind::Unavailable
        | AuthErrorKind::Transient
        | AuthErrorKind::Timeout
        | AuthErrorKind::Protocol => {
            let backoff = QUIET_FIRST.saturating_mul(2_u32.saturating_pow(strikes));
            backoff.max(error.retry_after().unwrap_or_default()).min(QUIET_CAP)
        }
    }
}
