//! Rules 6 and 12: what failed flights leave behind.

use std::sync::atomic::Ordering;

use super::support::*;
use crate::{AuthError, AuthErrorKind};

#[tokio::test(start_paused = true)]
async fn rule_06_all_waiters_get_the_same_error() {
    let bench = bench([Step::error(AuthErrorKind::Rejected).after(secs(1))]);
    let (one, two, three) = tokio::join!(bench.get(), bench.get(), bench.get());
    for outcome in [one, two, three] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Rejected);
        assert!(!error.is_remembered());
    }
    assert_eq!(bench.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_06_a_passing_failure_is_remembered_1_second_doubling_to_30() {
    let bench = bench((0..8).map(|_| Step::error(AuthErrorKind::Transient)));
    for (index, quiet) in [1, 2, 4, 8, 16, 30, 30].into_iter().enumerate() {
        assert!(!bench.get().await.unwrap_err().is_remembered());
        pass(secs(quiet) - secs(1) / 2).await;
        let error = bench.get().await.unwrap_err();
        assert!(error.is_remembered() && error.to_string().contains("remembered"));
        assert_eq!(bench.calls(), index + 1);
        pass(secs(1) / 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_06_retry_after_lengthens_the_quiet_time_up_to_its_cap() {
    let busy =
        AuthError::new(AuthErrorKind::Transient, "fake", "busy").with_retry_after(secs(99_999_999));
    let bench = bench([Step::with_error(busy)]);
    bench.get().await.unwrap_err();
    pass(secs(29)).await;
    assert!(bench.get().await.unwrap_err().is_remembered());
    pass(secs(1)).await;
    assert_eq!(bench.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_06_a_refusal_is_remembered_30_to_60_seconds_for_its_request_only() {
    let bench = bench([Step::error(AuthErrorKind::Rejected)]);
    bench.get().await.unwrap_err();
    pass(secs(30)).await;
    assert!(bench.get().await.unwrap_err().is_remembered());
    assert_eq!(bench.get_for(&scope("b")).await.unwrap(), "t2");
    pass(secs(30)).await;
    assert_eq!(bench.get().await.unwrap(), "t3", "a lasting error must not stop later attempts");
}

#[tokio::test(start_paused = true)]
async fn rule_06_changed_input_or_force_refresh_forget_the_failure() {
    let changed = bench([Step::error(AuthErrorKind::Rejected)]);
    changed.get().await.unwrap_err();
    changed.script.version.store(1, Ordering::Relaxed);
    assert_eq!(changed.get().await.unwrap(), "t2");

    let forced = bench([Step::error(AuthErrorKind::Rejected)]);
    forced.get().await.unwrap_err();
    assert_eq!(forced.get_for(&scope("a").with_force_refresh()).await.unwrap(), "t2");
    assert_eq!(forced.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_06_a_success_starts_the_count_anew() {
    let failed = || Step::error(AuthErrorKind::Transient);
    let bench = bench([failed(), failed(), Step::token(secs(60)), failed()]);
    bench.get().await.unwrap_err();
    pass(secs(1)).await;
    bench.get().await.unwrap_err();
    pass(secs(2)).await;
    assert_eq!(bench.get().await.unwrap(), "t3");
    pass(secs(60)).await;
    bench.get().await.unwrap_err();
    pass(secs(1)).await;
    assert_eq!(bench.get().await.unwrap(), "t5");
}

#[tokio::test(start_paused = true)]
async fn rule_06_wrong_settings_are_not_remembered_as_they_cost_no_request() {
    let bench = bench([Step::error(AuthErrorKind::Config)]);
    bench.get().await.unwrap_err();
    assert_eq!(bench.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_12_a_token_that_arrives_expired_is_an_error_and_not_cached() {
    let bench = bench([Step::expired()]);
    let error = bench.get().await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Protocol);
    assert!(error.hint().unwrap().contains("clock"));
    pass(secs(1)).await;
    assert_eq!(bench.get().await.unwrap(), "t2");
}
