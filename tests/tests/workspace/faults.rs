//! The retry table and the bounds of the runtime, end to end: the emulator
//! does wrong what a network or a gateway does wrong.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::Instant;
use twinkit_digital_twins::{
    CallOptions, Client, Error, ErrorKind, IfMatch, Json, JsonPatch, MessageId,
};
use twinkit_emulator::faults::{Fault, RetryAfter};
use twinkit_tests::support::recorder::Recorder;
use twinkit_tests::support::stage::Stage;

use crate::support::{hasty, requests};

const SERVICE: &str = "digital-twins";

/// Every fault that may be repeated only where that is safe.
fn ambiguous() -> [(&'static str, Fault); 7] {
    [
        ("503", Fault::status(503)),
        ("502", Fault::html_bad_gateway()),
        ("504", Fault::status(504)),
        ("408", Fault::status(408)),
        ("connection broke", Fault::reset()),
        ("answer lost", Fault::lose_answer()),
        ("no answer in time", Fault::delay(Duration::from_secs(40))),
    ]
}

/// Every fault of a request that was not taken up.
fn refused() -> [(&'static str, Fault); 3] {
    [
        ("429", Fault::gateway_throttle().retry_after_secs(1)),
        ("429 without a hint", Fault::gateway_throttle()),
        ("503 with Retry-After", Fault::status(503).retry_after_secs(1)),
    ]
}

fn tag(stage: &Stage, client: &Client) -> impl Future<Output = IfMatch> {
    let _ = stage;
    let client = client.clone();
    async move { client.get_twin().id("room-1").send().await.unwrap().etag().unwrap().into() }
}

fn warmer() -> JsonPatch {
    JsonPatch::new().add("/temperature", 30.0)
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_safe_to_repeat_survive_one_fault_of_any_kind() {
    let stage = Stage::seeded().await.unwrap();
    for (name, fault) in ambiguous().into_iter().chain(refused()) {
        for call in ["get", "put", "query"] {
            stage.emulator.faults().clear();
            stage.emulator.requests().clear();
            let id = stage.emulator.faults().next(fault.clone().on(SERVICE));
            let client = &stage.client;
            let outcome = match call {
                "get" => client.get_twin().id("room-1").send().await.map(drop),
                "put" => {
                    let room = twinkit_tests::support::stage::room("room-3", "x", 1.0);
                    client.put_twin().id("room-3").body(Json::from(room)).send().await.map(drop)
                }
                _ => client
                    .query("SELECT * FROM DIGITALTWINS")
                    .pages::<Json>()
                    .next_page()
                    .await
                    .unwrap()
                    .map(drop),
            };
            assert!(outcome.is_ok(), "{call}, {name}: {:?}", outcome.unwrap_err());
            assert_eq!(stage.emulator.faults().served(id), 1, "{call}, {name}");
            assert_eq!(requests(&stage), 2, "{call}, {name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_not_safe_to_repeat_are_sent_once_when_the_outcome_is_unknown() {
    let stage = Stage::seeded().await.unwrap();
    let call = async || stage.client.update_twin().id("room-1").body(warmer()).send().await;
    for (name, fault) in ambiguous() {
        stage.emulator.faults().clear();
        stage.emulator.requests().clear();
        stage.emulator.faults().next(fault.on(SERVICE));
        let error = call().await.unwrap_err();
        assert_eq!((error.attempts(), requests(&stage)), (1, 1), "{name}: {error}");
    }
    for (name, fault) in refused() {
        stage.emulator.faults().clear();
        stage.emulator.requests().clear();
        stage.emulator.faults().next(fault.on(SERVICE));
        assert!(call().await.is_ok(), "{name}");
        assert_eq!(requests(&stage), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_patch_that_names_a_state_is_repeated_and_a_lost_answer_explained() {
    let stage = Stage::seeded().await.unwrap();
    let patch = async |tag: IfMatch| {
        stage.client.update_twin().id("room-1").if_match(tag).body(warmer()).send().await
    };
    let first = tag(&stage, &stage.client).await;
    stage.emulator.faults().next(Fault::status(502).method("PATCH"));
    assert!(patch(first).await.is_ok());

    let second = tag(&stage, &stage.client).await;
    stage.emulator.faults().next(Fault::lose_answer().method("PATCH"));
    let error = patch(second).await.unwrap_err();
    assert!(error.is_precondition_failed(), "{error}");
    assert_eq!(error.attempts(), 2);
    assert!(error.hint().unwrap().contains("may have been carried out"), "{:?}", error.hint());

    stage.emulator.faults().next(Fault::lose_answer().method("PATCH"));
    let error = patch(IfMatch::Any).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1), "* names no state");
}

#[tokio::test(start_paused = true)]
async fn telemetry_keeps_its_message_id_across_attempts() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::gateway_throttle().path_contains("/telemetry").times(2));
    let body = Json::from(json!({"humidity": 40}));
    stage.client.send_telemetry().id("room-1").body(body.clone()).send().await.unwrap();
    let sent = || -> Vec<String> {
        let log = stage.emulator.requests().list();
        let telemetry = log.iter().filter(|request| request.path.ends_with("/telemetry"));
        telemetry.map(|request| request.headers["message-id"].clone()).collect()
    };
    let ids = sent();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0] && id.len() == 36), "{ids:?}");

    let other = MessageId::random();
    let call = stage.client.send_telemetry().id("room-1").message_id(other.as_str());
    call.body(body).send().await.unwrap();
    assert_eq!(sent().last().unwrap(), other.as_str());
}

#[tokio::test(start_paused = true)]
async fn the_services_wish_to_wait_is_granted_in_all_its_forms() {
    for (hint, least, most) in [
        (RetryAfter::Seconds(7), 7.0, 7.5),
        (RetryAfter::DateIn(9), 7.5, 9.5),
        (RetryAfter::Millis(1500), 1.5, 2.0),
    ] {
        let stage = Stage::seeded().await.unwrap();
        stage.client.get_twin().id("room-1").send().await.unwrap();
        let fault = Fault::gateway_throttle().retry_after(hint).on(SERVICE);
        stage.emulator.faults().next(fault);
        let start = Instant::now();
        stage.client.get_twin().id("room-1").send().await.unwrap();
        let waited = start.elapsed().as_secs_f64();
        assert!((least..most).contains(&waited), "{hint:?}: {waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_bound_is_told_and_not_waited() {
    let stage = Stage::seeded().await.unwrap();
    stage.client.get_twin().id("room-1").send().await.unwrap();
    let fault = Fault::gateway_throttle().retry_after_secs(3600).on(SERVICE);
    stage.emulator.faults().next(fault);
    let start = Instant::now();
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn repeats_end_and_the_error_counts_them() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::html_bad_gateway().on(SERVICE).always());
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (502, 4), "{error}");
    assert!(!error.to_string().contains('<'), "{error}");
    assert!(error.hint().unwrap().contains("proxy"), "{:?}", error.hint());

    let once = stage.client.with_options(CallOptions::new().no_retry());
    assert_eq!(once.get_twin().id("room-1").send().await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn refusals_that_stay_are_not_repeated() {
    let stage = Stage::seeded().await.unwrap();
    for (fault, kind) in [
        (Fault::status(400), ErrorKind::Rejected),
        (Fault::status(404), ErrorKind::NotFound),
        (Fault::status(409), ErrorKind::Conflict),
        (Fault::status(500), ErrorKind::Service),
        (Fault::status(501), ErrorKind::Service),
    ] {
        stage.emulator.faults().next(fault.on(SERVICE));
        let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{error}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let stage = Stage::seeded().await.unwrap();
    stage.client.get_twin().id("room-1").send().await.unwrap();
    stage.emulator.directory().revoke_tokens();
    stage.client.get_twin().id("room-1").send().await.unwrap();
    let log = stage.emulator.requests().list();
    let asked = log.iter().filter(|request| request.service == "identity").count();
    assert_eq!(asked, 2);

    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::gateway_unauthorized().on(SERVICE).always());
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Denied, 2), "{error}");
    assert!(error.hint().unwrap().contains("token"));
}

#[tokio::test]
async fn an_empty_403_names_the_role_that_is_missing() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::empty_forbidden().on(SERVICE));
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, None));
    assert!(error.hint().unwrap().contains("Azure Digital Twins Data Owner"));
}

#[tokio::test]
async fn a_body_that_stops_half_way_is_an_error_and_not_a_value() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::truncate(20).on(SERVICE));
    stage.client.get_twin().id("room-1").send().await.unwrap();
    assert_eq!(requests(&stage), 2, "reading is safe to repeat");
    stage.emulator.faults().next(Fault::truncate(20).on(SERVICE).times(4));
    let error = hasty(&stage).get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Transport, 200));
    assert_eq!(error.attempts(), 4);

    let broken = twinkit_emulator::faults::Shape::BrokenJson;
    stage.emulator.faults().next(Fault::status(200).shape(broken).on(SERVICE));
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");

    stage.emulator.faults().next(Fault::status(400).shape(broken).on(SERVICE));
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, None), "{error}");
}

#[tokio::test]
async fn a_body_of_200_mb_is_not_read_to_its_end() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::huge_body(200 * 1024 * 1024).on(SERVICE).times(2));
    let error = stage.client.get_twin().id("room-1").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let mut rows = stage.client.query("SELECT * FROM DIGITALTWINS").rows::<Json>();
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let stage = Stage::seeded().await.unwrap();
    let stranger = Recorder::start().await.unwrap();
    let link = format!("{}/models?api-version=2023-10-31", stranger.url());
    stage.emulator.faults().next(Fault::next_link(&link).path_contains("/models"));
    let items: Vec<Result<_, Error>> = stage.client.list_models().items().collect().await;
    let error = items.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
    assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 4);
    assert!(stranger.take().is_empty());
}

#[tokio::test]
async fn a_query_that_never_ends_is_ended() {
    let stage = Stage::seeded().await.unwrap();
    stage.emulator.faults().next(Fault::endless_query_page());
    let rows = stage.client.query("SELECT * FROM DIGITALTWINS").rows::<Json>();
    let rows: Vec<_> = rows.collect().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].as_ref().unwrap_err().kind(), ErrorKind::Paging);
    assert!(requests(&stage) < 5);
}

#[tokio::test]
async fn a_link_that_leads_back_to_its_own_page_is_noticed() {
    let stage = Stage::seeded().await.unwrap();
    let link = format!("{}/models?api-version=2023-10-31", stage.emulator.digital_twins_url());
    stage.emulator.faults().next(Fault::next_link(&link).path_contains("/models").always());
    let items: Vec<Result<_, Error>> = stage.client.list_models().items().collect().await;
    assert_eq!(items.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Paging);
}

#[tokio::test]
async fn an_outage_is_not_answered_with_a_storm() {
    let stage = Stage::seeded().await.unwrap();
    let client = hasty(&stage);
    stage.emulator.faults().next(Fault::status(503).on(SERVICE).always());
    for _ in 0..200 {
        client.get_twin().id("room-1").send().await.unwrap_err();
    }
    // 200 calls would make 800 attempts without a budget of 100 repeats.
    assert!(requests(&stage) <= 310, "{} requests", requests(&stage));
}
