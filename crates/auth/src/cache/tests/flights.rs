//! Rules 1, 2, 3, 4 and 11: who shares a fetch, and how long it lives.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::runtime::{Builder, Runtime};

use super::support::*;
use crate::{AuthErrorKind, Credential, TokenRequest};

#[tokio::test(start_paused = true)]
async fn rule_01_the_key_is_all_that_may_change_the_token() {
    let bench = bench([]);
    let base = scope("a");
    let others = [
        scope("b"),
        TokenRequest::new(["a", "b"]).unwrap(),
        base.clone().with_tenant("other").unwrap(),
        base.clone().with_cae(),
        base.clone().with_user_assertion("one"),
        base.clone().with_user_assertion("two"),
    ];
    for _ in 0..2 {
        assert_eq!(bench.get_for(&base).await.unwrap(), "t1");
        for (index, request) in others.iter().enumerate() {
            assert_eq!(bench.get_for(request).await.unwrap(), format!("t{}", index + 2));
        }
    }
    assert_eq!(bench.calls(), 1 + others.len());
}

#[tokio::test(start_paused = true)]
async fn rule_02_a_flight_survives_the_caller_that_started_it() {
    let bench = bench([Step::token(HOUR).after(secs(5))]);
    let impatient = tokio::time::timeout(secs(1), bench.get()).await;
    assert!(impatient.is_err());
    assert_eq!(bench.get().await.unwrap(), "t1");
    assert_eq!(bench.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_02_a_panic_gives_a_transient_error_and_frees_the_slot() {
    let bench = bench([Step::panic()]);
    let (one, two) = tokio::join!(bench.get(), bench.get());
    for outcome in [one, two] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.source_name()), (AuthErrorKind::Transient, "fake"));
    }
    assert_eq!(bench.get().await.unwrap(), "t2");
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Lets a caller begin to wait on the runtime, and what it started too.
fn begin<T>(runtime: &Runtime, caller: Pin<&mut impl Future<Output = T>>) {
    let _here = runtime.enter();
    assert!(caller.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    runtime.block_on(settle());
}

#[test]
fn rule_02_when_a_flights_runtime_ends_those_who_wait_elsewhere_start_one_anew() {
    let [first, second] = [(); 2].map(|()| runtime());
    let bench = first.block_on(async { bench([Step::token(HOUR).after(HOUR)]) });
    begin(&first, pin!(bench.get()));
    let callers = second.block_on(async {
        let caller = |credential: Credential| async move { credential.token(&scope("a")).await };
        let callers = [(); 10].map(|()| tokio::spawn(caller(bench.credential.clone())));
        settle().await;
        callers
    });
    assert_eq!(bench.calls(), 1);
    drop(first);
    for caller in callers {
        assert_eq!(name(&second.block_on(caller).unwrap().unwrap()), "t2");
    }
    assert_eq!(bench.calls(), 2);
}

#[test]
fn rule_02_a_second_flight_that_is_cut_off_gives_a_transient_error_and_frees_the_slot() {
    let [first, second, third] = [(); 3].map(|()| runtime());
    let hanging = || Step::token(HOUR).after(HOUR);
    let bench = first.block_on(async { bench([hanging(), hanging()]) });
    let mut unlucky = pin!(bench.get());
    begin(&first, pin!(bench.get()));
    begin(&second, unlucky.as_mut());
    drop(first);
    begin(&second, unlucky.as_mut());
    assert_eq!(bench.calls(), 2);
    drop(second);
    let error = third.block_on(unlucky).unwrap_err();
    assert_eq!((error.kind(), error.source_name()), (AuthErrorKind::Transient, "fake"));
    assert!(error.to_string().contains("cut off"), "{error}");
    assert_eq!(third.block_on(bench.get()).unwrap(), "t3");
}

#[test]
fn rule_02_without_a_runtime_the_error_says_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bench = runtime.block_on(async { bench([]) });
    drop(runtime);
    let error = bench.get_now().unwrap().unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(error.to_string().contains("tokio runtime"));
}

#[tokio::test(start_paused = true)]
async fn rule_03_a_fresh_token_is_returned_without_waiting() {
    let bench = bench([]);
    bench.get().await.unwrap();
    pass(HOUR - secs(6 * 60 + 1)).await;
    assert_eq!(bench.get_now().unwrap().unwrap(), "t1");
    settle().await;
    assert_eq!(bench.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_04_near_its_end_a_token_is_served_while_one_flight_replaces_it() {
    let bench = bench([Step::token(HOUR), Step::token(HOUR).after(secs(20))]);
    bench.get().await.unwrap();
    pass(HOUR - secs(4 * 60)).await;
    for _ in 0..10 {
        assert_eq!(bench.get_now().unwrap().unwrap(), "t1");
        settle().await;
    }
    assert_eq!(bench.calls(), 2);
    pass(secs(20)).await;
    assert_eq!(bench.get_now().unwrap().unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn rule_04_an_expired_token_is_waited_for() {
    let bench = bench([Step::token(HOUR), Step::token(HOUR).after(secs(3))]);
    bench.get().await.unwrap();
    // Ten seconds before the end it counts as expired: it could end on its way.
    pass(HOUR - secs(9)).await;
    assert!(bench.get_now().is_none());
    assert_eq!(bench.get().await.unwrap(), "t2");
    assert_eq!(bench.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_04_ten_thousand_callers_of_an_expired_token_make_one_request() {
    let bench = bench([Step::token(secs(60)), Step::token(HOUR).after(secs(1))]);
    bench.get().await.unwrap();
    pass(secs(60)).await;
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let credential = bench.credential.clone();
            tokio::spawn(async move { credential.token(&scope("a")).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(name(&task.await.unwrap().unwrap()), "t2");
    }
    assert_eq!(bench.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn rule_11_dropping_the_last_handle_ends_everything() {
    let bench = bench([Step::token(HOUR).after(HOUR)]);
    assert!(tokio::time::timeout(secs(1), bench.get()).await.is_err());
    let weak = Arc::downgrade(&bench.script);
    let clone = bench.credential.clone();
    drop(bench);
    settle().await;
    assert!(weak.upgrade().is_some(), "a handle is left");
    drop(clone);
    settle().await;
    assert!(weak.upgrade().is_none(), "the flight outlived the last handle");
}
