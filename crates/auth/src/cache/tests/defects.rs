//! Defects measured in another library's cache, which ours must not have.

use super::support::*;
use crate::{AuthErrorKind, TokenRequest};

#[tokio::test(start_paused = true)]
async fn defect_a_a_reader_of_one_scope_never_waits_for_another() {
    let bench = bench([Step::token(HOUR), Step::token(HOUR).after(secs(2))]);
    bench.get().await.unwrap();
    let credential = bench.credential.clone();
    let slow = tokio::spawn(async move { credential.token(&scope("b")).await });
    settle().await;
    assert_eq!(bench.calls(), 2);
    assert_eq!(bench.get_now().unwrap().unwrap(), "t1");
    assert!(!slow.is_finished());
}

#[tokio::test(start_paused = true)]
async fn defect_b_the_order_of_scopes_does_not_matter() {
    let bench = bench([]);
    for scopes in [["a", "b"], ["b", "a"]] {
        let request = TokenRequest::new(scopes).unwrap();
        assert_eq!(bench.get_for(&request).await.unwrap(), "t1");
    }
    assert_eq!(bench.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn defect_c_tokens_of_five_minutes_and_less_are_used_again() {
    for life in [300, 240, 60, 5] {
        let bench = bench([Step::token(secs(life))]);
        for _ in 0..5 {
            assert_eq!(bench.get().await.unwrap(), "t1");
            settle().await;
        }
        assert_eq!(bench.calls(), 1, "{life}");
    }
}

#[tokio::test(start_paused = true)]
async fn defect_c2_a_valid_token_is_returned_although_the_service_is_down() {
    let (traces, _guard) = Traces::start();
    let bench = bench([Step::token(HOUR), Step::error(AuthErrorKind::Transient)]);
    bench.get().await.unwrap();
    pass(HOUR - secs(240)).await;
    for _ in 0..3 {
        assert_eq!(bench.get().await.unwrap(), "t1");
        settle().await;
    }
    assert_eq!(bench.calls(), 2);
    assert!(traces.text().contains("the old one is used on"));
}

#[tokio::test(start_paused = true)]
async fn defect_d_ten_callers_of_a_failing_service_make_one_request() {
    for kind in [AuthErrorKind::Transient, AuthErrorKind::Rejected] {
        let bench = bench([Step::error(kind).after(secs(1))]);
        let callers: Vec<_> = (0..10)
            .map(|_| {
                let credential = bench.credential.clone();
                tokio::spawn(async move { credential.token(&scope("a")).await })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap_err().kind(), kind);
        }
        assert!(bench.get().await.unwrap_err().is_remembered(), "then it is quiet");
        assert_eq!(bench.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn defect_e_a_first_caller_that_is_aborted_does_not_cost_a_second_request() {
    let bench = bench([Step::token(HOUR).after(secs(2))]);
    let credential = bench.credential.clone();
    let first = tokio::spawn(async move { credential.token(&scope("a")).await });
    settle().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(bench.get().await.unwrap(), "t1");
    assert_eq!(bench.calls(), 1);
}
