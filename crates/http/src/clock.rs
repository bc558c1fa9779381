//! What time it is, on both clocks. Injected where expiry and waits are
//! decided, so that tests need no real time. It must not know who asks.

use std::fmt::Debug;
use std::time::SystemTime;

use tokio::time::Instant;

/// The two clocks that expiry is judged by: the wall clock may jump, the
/// monotonic one stands still while a machine sleeps, so both are asked.
pub trait Clock: Send + Sync + Debug {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// The monotonic clock that timers run on.
    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// The machine's own clocks. The monotonic one is tokio's, which a paused test
/// runtime controls.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn the_monotonic_clock_follows_the_runtime() {
        let start = SystemClock.instant();
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(SystemClock.instant() - start, Duration::from_secs(90));
        assert!(SystemClock.now() > SystemTime::UNIX_EPOCH);
    }
}
