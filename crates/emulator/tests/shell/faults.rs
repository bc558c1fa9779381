//! Each fault as a client meets it.

use std::{error::Error as _, io, time::Duration};

use reqwest::Response;
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    faults::{Fault, RetryAfter, Shape},
};

use crate::support::{client, models_url, token};

struct Bench {
    emulator: Emulator,
    token: String,
}

impl Bench {
    async fn new() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let token = token(&emulator, &[]).await;
        Self { emulator, token }
    }

    async fn get(&self) -> reqwest::Result<Response> {
        client().get(models_url(&self.emulator)).bearer_auth(&self.token).send().await
    }

    async fn get_with(&self, fault: Fault) -> reqwest::Result<Response> {
        let id = self.emulator.faults().next(fault.on("digital-twins"));
        let response = self.get().await;
        assert_eq!(self.emulator.faults().served(id), 1);
        response
    }
}

#[tokio::test]
async fn statuses_come_in_every_shape() {
    let bench = Bench::new().await;
    let cases = [
        (
            Fault::status(503),
            json!({"code": "ServiceUnavailable", "message": "A scheduled fault."}),
        ),
        (
            Fault::gateway_throttle(),
            json!({"statusCode": 429, "message": "Rate limit is exceeded."}),
        ),
    ];
    for (fault, error) in cases {
        let body: Value = bench.get_with(fault).await.unwrap().json().await.unwrap();
        assert_eq!(body, json!({ "error": error }));
    }
    let response = bench.get_with(Fault::gateway_unauthorized()).await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"statusCode": 401, "message": "Unauthorized"}));

    let response = bench.get_with(Fault::empty_forbidden()).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().get("content-type")), (403, None));
    assert_eq!(response.bytes().await.unwrap().len(), 0);

    let response = bench.get_with(Fault::html_bad_gateway()).await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");

    let broken = bench.get_with(Fault::status(200).shape(Shape::BrokenJson)).await.unwrap();
    assert!(broken.json::<Value>().await.unwrap_err().is_decode());
    assert_eq!(bench.get().await.unwrap().status(), 200, "faults are over");
}

#[tokio::test]
async fn the_hint_to_come_again_has_three_forms() {
    let bench = Bench::new().await;
    let throttle = Fault::gateway_throttle;
    let response = bench.get_with(throttle()).await.unwrap();
    assert_eq!(response.headers().get("retry-after"), None);
    let response = bench.get_with(throttle().retry_after_secs(7)).await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7");
    let response = bench.get_with(throttle().retry_after(RetryAfter::Millis(50))).await.unwrap();
    assert_eq!(response.headers()["retry-after-ms"], "50");
    assert_eq!(response.headers()["x-ms-retry-after-ms"], "50");
    let dated = throttle().retry_after(RetryAfter::DateIn(u64::MAX));
    let response = bench.get_with(dated).await.unwrap();
    let date = response.headers()["retry-after"].to_str().unwrap();
    assert!(httpdate::parse_http_date(date).unwrap() > std::time::SystemTime::now());
}

/// The system's error at the bottom of a failed request.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        source = cause.source();
    }
    None
}

#[tokio::test]
async fn a_body_drips_and_is_whole_in_the_end() {
    let bench = Bench::new().await;
    let whole = bench.get().await.unwrap().bytes().await.unwrap();
    let pause = std::time::Duration::from_millis(20);
    let started = std::time::Instant::now();
    let response = bench.get_with(Fault::drip(whole.len().div_ceil(5), pause)).await.unwrap();
    assert_eq!(response.content_length(), u64::try_from(whole.len()).ok());
    assert_eq!(response.bytes().await.unwrap(), whole);
    assert!(started.elapsed() >= pause * 5, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_reset_is_a_real_one_and_the_service_is_not_asked() {
    let bench = Bench::new().await;
    let error = bench.get_with(Fault::reset()).await.unwrap_err();
    assert_eq!(io_kind(&error), Some(io::ErrorKind::ConnectionReset), "{error:?}");
    let noted = bench.emulator.requests().list();
    assert_eq!(noted.last().unwrap().status, None);
    assert_eq!(bench.get().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_effect() {
    let bench = Bench::new().await;
    let storage = bench.emulator.storage();
    let url = storage.signed_url(
        "box",
        "note",
        twinkit_emulator::storage::Permissions::write(),
        Duration::from_secs(60),
    );
    bench.emulator.faults().next(Fault::lose_answer().on("storage"));
    let request = client().put(&url).header("x-ms-blob-type", "BlockBlob").body("stored");
    let error = request.send().await.unwrap_err();
    assert_eq!(io_kind(&error), Some(io::ErrorKind::ConnectionReset), "{error:?}");
    assert_eq!(storage.read(&url).unwrap(), "stored");
}

#[tokio::test]
async fn a_truncated_body_promises_more_than_it_sends() {
    let bench = Bench::new().await;
    let whole = bench.get().await.unwrap().bytes().await.unwrap();
    let mut response = bench.get_with(Fault::truncate(5)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), u64::try_from(whole.len()).ok());
    assert_eq!(response.chunk().await.unwrap().unwrap(), whole[..5]);
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn a_huge_body_is_valid_json_of_the_size_asked() {
    let bench = Bench::new().await;
    let size = 3 * 1024 * 1024 + 17;
    let response = bench.get_with(Fault::huge_body(size)).await.unwrap();
    assert_eq!(response.content_length(), None);
    let bytes = response.bytes().await.unwrap();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), size);
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body["nextLink"], Value::Null);
}

#[tokio::test]
async fn answers_can_be_bent() {
    let bench = Bench::new().await;
    let response = bench.get_with(Fault::content_type("text/plain")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain");
    let link = "http://elsewhere.example/models";
    let response = bench.get_with(Fault::next_link(link)).await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"value": [], "nextLink": link}));

    let url = format!("{}/query?api-version=2023-10-31", bench.emulator.digital_twins_url());
    let endless = bench.emulator.faults().next(Fault::endless_query_page());
    for _ in 0..3 {
        let request = client().post(&url).bearer_auth(&bench.token).json(&json!({"query": "x"}));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body, json!({"value": [], "continuationToken": "again"}));
    }
    assert_eq!(bench.emulator.faults().served(endless), 3);
}

#[tokio::test]
async fn every_answer_has_the_time_of_the_emulators_clock() {
    let bench = Bench::new().await;
    let second = |response: &Response| {
        let date = response.headers()["date"].to_str().unwrap();
        jiff::fmt::rfc2822::parse(date).unwrap().timestamp().as_second()
    };
    bench.emulator.clock().advance(Duration::from_secs(600));
    let now = bench.emulator.clock().unix_seconds();
    assert!(second(&bench.get().await.unwrap()) >= now);
    let hint = Fault::status(503).retry_after(RetryAfter::DateIn(30));
    let busy = bench.get_with(hint).await.unwrap();
    let until = busy.headers()["retry-after"].to_str().unwrap();
    let until = jiff::fmt::rfc2822::parse(until).unwrap().timestamp().as_second();
    assert!((29..=30).contains(&(until - second(&busy))), "counted from the answer's own time");
}
