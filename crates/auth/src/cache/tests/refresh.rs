//! Rules 3, 5 and 10: when a token is replaced, and by which clock.

use super::super::policy::{refresh_after, usable};
use super::support::*;
use crate::{AuthError, AuthErrorKind};

#[test]
fn rule_03_the_refresh_time_follows_life_or_the_services_wish() {
    for _ in 0..50 {
        // An hour: five minutes before the end, spread by up to a minute.
        let hour = refresh_after(HOUR, None);
        assert!((secs(3240)..=secs(3300)).contains(&hour), "{hour:?}");
        // Four minutes: a quarter before the end, spread by a twentieth.
        let short = refresh_after(secs(240), None);
        assert!((secs(168)..=secs(180)).contains(&short), "{short:?}");
    }
    assert_eq!(refresh_after(24 * HOUR, Some(12 * HOUR)), 12 * HOUR);
    // A wish to refresh at once, or after the end, is not heeded.
    for senseless in [secs(0), secs(3600), 9 * HOUR] {
        assert!(refresh_after(HOUR, Some(senseless)) >= secs(3240), "{senseless:?}");
    }
    assert_eq!(usable(HOUR), secs(3590));
    assert_eq!(usable(secs(4)), secs(3));
}

#[tokio::test(start_paused = true)]
async fn rule_03_refresh_in_is_heeded() {
    let bench = bench([Step::token(24 * HOUR).refresh_in(12 * HOUR)]);
    bench.get().await.unwrap();
    pass(12 * HOUR - secs(1)).await;
    bench.get().await.unwrap();
    settle().await;
    assert_eq!(bench.calls(), 1);
    pass(secs(1)).await;
    assert_eq!(bench.get().await.unwrap(), "t1");
    settle().await;
    assert_eq!(bench.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_05_a_failed_refresh_keeps_the_token_and_tries_again_after_30_seconds() {
    let (traces, _guard) = Traces::start();
    let bench = bench([
        Step::token(HOUR),
        Step::error(AuthErrorKind::Transient),
        Step::error(AuthErrorKind::Rejected),
    ]);
    bench.get().await.unwrap();
    pass(HOUR - secs(240)).await;
    for expected_calls in [2, 3] {
        assert_eq!(bench.get().await.unwrap(), "t1");
        settle().await;
        assert_eq!(bench.calls(), expected_calls);
        pass(secs(29)).await;
        assert_eq!(bench.get().await.unwrap(), "t1");
        settle().await;
        assert_eq!(bench.calls(), expected_calls, "tried again too soon");
        pass(secs(1)).await;
    }
    assert_eq!(bench.get().await.unwrap(), "t1");
    settle().await;
    assert_eq!(bench.get().await.unwrap(), "t4");
    let warnings = traces.text().matches("WARN").count();
    assert_eq!(warnings, 1, "{}", traces.text());
}

#[tokio::test(start_paused = true)]
async fn rule_05_the_next_try_heeds_retry_after_up_to_five_minutes() {
    for (asked, waits) in [(120, 120), (3600, 300)] {
        let failed =
            AuthError::new(AuthErrorKind::Transient, "fake", "busy").with_retry_after(secs(asked));
        let bench = bench([Step::token(24 * HOUR).refresh_in(12 * HOUR), Step::with_error(failed)]);
        bench.get().await.unwrap();
        pass(12 * HOUR).await;
        bench.get().await.unwrap();
        settle().await;
        pass(secs(waits - 1)).await;
        bench.get().await.unwrap();
        settle().await;
        assert_eq!(bench.calls(), 2);
        pass(secs(1)).await;
        bench.get().await.unwrap();
        settle().await;
        assert_eq!(bench.calls(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_05_the_next_try_is_never_later_than_the_tokens_end() {
    let bench = bench([Step::token(HOUR), Step::error(AuthErrorKind::Rejected)]);
    bench.get().await.unwrap();
    pass(HOUR - secs(15)).await;
    assert_eq!(bench.get().await.unwrap(), "t1");
    settle().await;
    pass(secs(10)).await;
    // Within its last ten seconds it still beats a remembered refusal.
    assert_eq!(bench.get().await.unwrap(), "t1");
    pass(secs(5)).await;
    assert_eq!(bench.get().await.unwrap(), "t3");
}

#[tokio::test(start_paused = true)]
async fn rule_10_a_token_expires_when_either_clock_says_so() {
    // The machine slept: the wall clock went on, the monotonic one did not.
    let slept = bench([]);
    slept.get().await.unwrap();
    slept.clock.jump(3600);
    assert_eq!(slept.get().await.unwrap(), "t2");
    assert_eq!(slept.get().await.unwrap(), "t2");
    assert_eq!(slept.calls(), 2, "a jump forward costs one refresh");

    // The wall clock was set back: the monotonic one still knows the age.
    let set_back = bench([]);
    set_back.get().await.unwrap();
    set_back.clock.jump(-3600);
    pass(HOUR).await;
    assert_eq!(set_back.get().await.unwrap(), "t2");
}
