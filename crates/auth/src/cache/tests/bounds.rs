//! Rule 9: how much is kept.

use super::super::policy::MAX_SLOTS;
use super::support::*;

#[tokio::test(start_paused = true)]
async fn rule_09_the_token_used_longest_ago_makes_room() {
    let bench = bench([]);
    let request = |index: usize| scope(&format!("s{index}"));
    for index in 0..MAX_SLOTS {
        bench.get_for(&request(index)).await.unwrap();
    }
    bench.get_for(&request(0)).await.unwrap();
    assert_eq!(bench.calls(), MAX_SLOTS);
    bench.get_for(&request(MAX_SLOTS)).await.unwrap();
    bench.get_for(&request(0)).await.unwrap();
    assert_eq!(bench.calls(), MAX_SLOTS + 1, "the one just used stays");
    bench.get_for(&request(1)).await.unwrap();
    assert_eq!(bench.calls(), MAX_SLOTS + 2, "the oldest went");
    assert_eq!(bench.credential.kept(), MAX_SLOTS);
}

#[tokio::test(start_paused = true)]
async fn rule_09_tokens_of_users_are_dropped_at_their_end_without_a_task() {
    let bench = bench([]);
    for user in ["one", "two", "three"] {
        bench.get_for(&scope("a").with_user_assertion(user)).await.unwrap();
    }
    bench.get().await.unwrap();
    assert_eq!(bench.credential.kept(), 4);
    pass(HOUR).await;
    bench.get_for(&scope("a").with_user_assertion("four")).await.unwrap();
    // The application's own slot stays, and the one just made.
    assert_eq!(bench.credential.kept(), 2);
}
