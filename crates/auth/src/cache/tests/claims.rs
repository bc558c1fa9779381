//! Rules 7 and 8: passing the cache by, and tokens that a service refused.

use super::support::*;
use crate::AuthErrorKind;

#[tokio::test(start_paused = true)]
async fn rule_07_claims_pass_the_cache_by_and_replace_the_plain_token() {
    let bench = bench([]);
    bench.get().await.unwrap();
    let challenged = scope("a").with_claims(r#"{"x":1}"#).unwrap();
    assert_eq!(bench.get_for(&challenged).await.unwrap(), "t2");
    assert_eq!(bench.get().await.unwrap(), "t2");
    assert_eq!(bench.get_for(&challenged).await.unwrap(), "t3");
}

#[tokio::test(start_paused = true)]
async fn rule_07_equal_claims_share_a_flight_and_different_ones_do_not() {
    let slow = || Step::token(HOUR).after(secs(1));
    let bench = bench([slow(), slow()]);
    let one = scope("a").with_claims(r#"{"x":1}"#).unwrap();
    let two = scope("a").with_claims(r#"{"x":2}"#).unwrap();
    let (a, b, c) = tokio::join!(bench.get_for(&one), bench.get_for(&one), bench.get_for(&two));
    assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), ("t1".into(), "t1".into(), "t2".into()));
}

#[tokio::test(start_paused = true)]
async fn rule_07_a_forced_refresh_joins_the_flight_under_way() {
    let bench = bench([Step::token(HOUR).after(secs(1)), Step::token(HOUR).after(secs(1))]);
    let forced = scope("a").with_force_refresh();
    let (plain, joined) = tokio::join!(bench.get(), bench.get_for(&forced));
    assert_eq!((plain.unwrap(), joined.unwrap()), ("t1".into(), "t1".into()));
    assert_eq!(bench.get_for(&forced).await.unwrap(), "t2");
    assert_eq!(bench.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_07_a_forced_refresh_that_fails_is_told_and_the_token_stays() {
    let bench = bench([Step::token(HOUR), Step::error(AuthErrorKind::Transient)]);
    bench.get().await.unwrap();
    bench.get_for(&scope("a").with_force_refresh()).await.unwrap_err();
    assert_eq!(bench.get().await.unwrap(), "t1");
}

#[tokio::test(start_paused = true)]
async fn rule_07_an_older_flight_does_not_undo_the_answer_to_a_challenge() {
    let bench = bench([Step::token(HOUR).after(secs(9)), Step::token(HOUR)]);
    let plain = bench.get();
    let challenged = async {
        tokio::time::sleep(secs(1)).await;
        bench.get_for(&scope("a").with_claims("{}").unwrap()).await
    };
    let (_, challenged) = tokio::join!(plain, challenged);
    assert_eq!(challenged.unwrap(), "t2");
    assert_eq!(bench.get().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_07_plain_callers_without_a_token_wait_for_an_answer_under_way() {
    let bench = bench([Step::token(HOUR), Step::token(HOUR).after(secs(5))]);
    let old = bench.credential.token(&scope("a")).await.unwrap();
    assert!(bench.credential.reject(&scope("a"), &old));
    let challenged = scope("a").with_claims("{}").unwrap();
    let later = async {
        tokio::time::sleep(secs(1)).await;
        bench.get().await
    };
    let (answer, plain) = tokio::join!(bench.get_for(&challenged), later);
    assert_eq!((answer.unwrap(), plain.unwrap()), ("t2".into(), "t2".into()));
    assert_eq!(bench.calls(), 2, "a token without the claims would be refused again");
}

#[tokio::test(start_paused = true)]
async fn rule_07_an_answer_that_fails_leaves_plain_callers_as_they_were() {
    let bench = bench([Step::error(AuthErrorKind::Config).after(secs(5))]);
    let challenged = scope("a").with_claims("{}").unwrap();
    let later = async {
        tokio::time::sleep(secs(1)).await;
        bench.get().await
    };
    let (answer, plain) = tokio::join!(bench.get_for(&challenged), later);
    assert_eq!((answer.unwrap_err().kind(), plain.unwrap()), (AuthErrorKind::Config, "t2".into()));
}

#[tokio::test(start_paused = true)]
async fn rule_08_a_refused_token_is_replaced_at_most_once_in_ten_seconds() {
    let bench = bench([]);
    let request = scope("a");
    let first = bench.credential.token(&request).await.unwrap();
    assert!(bench.credential.reject(&request, &first));
    let second = bench.credential.token(&request).await.unwrap();
    assert_eq!(name(&second), "t2");
    pass(secs(9)).await;
    assert!(!bench.credential.reject(&request, &second), "that would be a loop");
    assert_eq!(bench.get().await.unwrap(), "t2");
    pass(secs(1)).await;
    assert!(bench.credential.reject(&request, &second));
    assert_eq!(bench.get().await.unwrap(), "t3");
}

#[tokio::test(start_paused = true)]
async fn rule_08_a_token_that_ended_on_its_way_is_replaced_however_soon() {
    let bench = bench([Step::token(secs(60)), Step::token(secs(4))]);
    let request = scope("a");
    let first = bench.credential.token(&request).await.unwrap();
    assert!(bench.credential.reject(&request, &first));
    let second = bench.credential.token(&request).await.unwrap();
    assert!(!bench.credential.reject(&request, &second), "it has not ended");
    // In its last second: it may have ended where it came to.
    pass(secs(3)).await;
    assert!(bench.credential.reject(&request, &second));
    let third = bench.credential.token(&request).await.unwrap();
    assert_eq!(name(&third), "t3");
    assert!(!bench.credential.reject(&request, &third), "this one has not");
}

#[tokio::test(start_paused = true)]
async fn rule_08_a_token_asked_for_before_the_refusal_is_replaced_as_well() {
    let bench = bench([Step::token(HOUR), Step::token(HOUR).after(secs(5))]);
    let request = scope("a");
    let first = bench.credential.token(&request).await.unwrap();
    let forced = request.clone().with_force_refresh();
    let refused = async {
        tokio::time::sleep(secs(1)).await;
        assert!(bench.credential.reject(&request, &first));
        let second = bench.credential.token(&request).await.unwrap();
        assert_eq!(name(&second), "t2", "it was under way");
        assert!(bench.credential.reject(&request, &second), "all older ones may be refused");
        bench.credential.token(&request).await.unwrap()
    };
    let (_, third) = tokio::join!(bench.get_for(&forced), refused);
    assert_eq!(name(&third), "t3");
    assert!(!bench.credential.reject(&request, &third), "that would be a loop");
}

#[tokio::test(start_paused = true)]
async fn rule_08_a_late_refusal_of_the_old_token_does_not_drop_the_new_one() {
    let bench = bench([]);
    let request = scope("a");
    let old = bench.credential.token(&request).await.unwrap();
    bench.get_for(&request.clone().with_force_refresh()).await.unwrap();
    assert!(bench.credential.reject(&request, &old), "the newer token is worth a try");
    assert_eq!(bench.get_now().unwrap().unwrap(), "t2");
    assert_eq!(bench.calls(), 2);
}
