//! What did not arrive is sent again.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::{Emulator, itwin::Config};

use super::{Arrived, Callback, SECRET, active};
use crate::support::Stage;

const KIND: &str = "iModels.iModelCreated.v1";

async fn stage(redeliveries: &[Duration]) -> Stage {
    let config = Config { redeliveries: redeliveries.to_vec(), ..Config::default() };
    Stage::with(Emulator::builder().itwin(config)).await
}

/// Moves the emulator's clock on until a message arrives.
async fn after_moving(stage: &Stage, callback: &mut Callback, step: Duration) -> Arrived {
    loop {
        stage.emulator.clock().advance(step);
        let next = tokio::time::timeout(Duration::from_millis(50), callback.arrived.recv());
        if let Ok(arrived) = next.await {
            return arrived.unwrap();
        }
    }
}

#[tokio::test]
async fn a_failed_message_comes_again_by_the_emulators_clock() {
    let stage = Stage::new().await;
    let itwin = stage.service.new_itwin("A").await;
    let mut callback = Callback::new().await;
    callback.answers(&[Some(500), Some(302)]);
    let path = active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({"mark": 1})));
    let first = callback.next().await;
    first.signed_with(SECRET);
    let second = after_moving(&stage, &mut callback, Duration::from_secs(10)).await;
    assert_eq!((&second.body, &second.headers), (&first.body, &first.headers));
    let other = SECRET.to_uppercase();
    stage.service.version(2).patch(&path, &json!({"secret": other})).await.expect(200);
    let third = after_moving(&stage, &mut callback, Duration::from_secs(60)).await;
    assert_eq!(third.body, first.body);
    third.signed_with(&other);
    // It arrived, so nothing more comes but what is new.
    stage.emulator.clock().advance(Duration::from_secs(24 * 3600));
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({"mark": 2})));
    assert_eq!(callback.next().await.json()["content"]["mark"], 2);
}

#[tokio::test]
async fn a_message_that_is_not_answered_in_five_seconds_comes_again() {
    let stage = stage(&[Duration::ZERO]).await;
    let itwin = stage.service.new_itwin("A").await;
    let mut callback = Callback::new().await;
    callback.answers(&[None]);
    active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({})));
    let first = callback.next().await;
    let started = std::time::Instant::now();
    let second = callback.next().await;
    assert_eq!(second.body, first.body);
    assert!((4..10).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_message_is_given_up_behind_the_last_redelivery() {
    let stage = stage(&[Duration::ZERO]).await;
    let itwin = stage.service.new_itwin("A").await;
    let mut callback = Callback::new().await;
    callback.answers(&[Some(500), Some(503)]);
    active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({"mark": 1})));
    assert_eq!(callback.next().await.body, callback.next().await.body);
    stage.emulator.clock().advance(Duration::from_secs(24 * 3600));
    assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({"mark": 2})));
    assert_eq!(callback.next().await.json()["content"]["mark"], 2);
}

#[tokio::test]
async fn an_emulator_with_messages_that_wait_ends() {
    let stage = Stage::new().await;
    let itwin = stage.service.new_itwin("A").await;
    let mut callback = Callback::new().await;
    callback.answers(&[None, Some(500)]);
    active(&stage.service, &itwin, &callback.url, &[KIND]).await;
    for _ in 0..2 {
        assert!(stage.emulator.itwin().send_event(KIND, &itwin, json!({})));
        callback.next().await;
    }
    let ended = tokio::time::timeout(Duration::from_secs(4), stage.emulator.shutdown());
    ended.await.expect("an end");
}
