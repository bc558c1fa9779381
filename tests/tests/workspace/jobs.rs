//! Bulk jobs, followed to their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::time::Instant;
use twinkit_digital_twins::enums::{DeleteJobStatus, ImportJobStatus};
use twinkit_digital_twins::{CallOptions, Client, Clock, Error, ErrorKind, types};
use twinkit_emulator::Emulator;
use twinkit_emulator::digital_twins::{Config, JobPace};
use twinkit_tests::support::recorder::{Canned, Recorder};
use twinkit_tests::support::stage::{Stage, contains, models, room};
use twinkit_tests::support::token;

const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(20);

/// A stage whose jobs take their time.
async fn slow(item: Duration) -> Stage {
    let jobs = JobPace { start_delay: item, item_delay: item };
    let config = Config { jobs, ..Config::default() };
    Stage::on(Emulator::builder().digital_twins(config).start().await.unwrap()).unwrap()
}

/// The graph of 50 rooms as an import file.
fn graph() -> Vec<Value> {
    let mut lines = vec![
        json!({"Section": "Header"}),
        json!({"fileVersion": "1.0.0", "author": "test", "organization": "test"}),
        json!({"Section": "Models"}),
    ];
    lines.extend(models().as_array().unwrap().clone());
    lines.push(json!({"Section": "Twins"}));
    lines.push(json!({"$dtId": "floor", "$metadata": {"$model": "dtmi:test:Floor;1"}}));
    lines.extend((0..50).map(|n| room(&format!("r{n}"), "a room", 20.0)));
    lines.push(json!({"Section": "Relationships"}));
    lines.extend((0..50).map(|n| contained(&format!("c{n}"), &format!("r{n}"))));
    lines
}

/// A relationship as import files have it: the source is `$dtId`.
fn contained(id: &str, room: &str) -> Value {
    let mut line = contains("floor", id, room);
    let source = line.as_object_mut().unwrap().remove("$sourceId").unwrap();
    line["$dtId"] = source;
    line
}

fn job(stage: &Stage, lines: &[Value]) -> types::builder::ImportJob {
    let storage = stage.emulator.storage();
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    storage.put("jobs", "graph.ndjson", text.join("\n"));
    types::ImportJob::builder()
        .input_blob_uri(storage.blob_url("jobs", "graph.ndjson"))
        .output_blob_uri(storage.blob_url("jobs", "log.ndjson"))
}

fn counts(stage: &Stage) -> (usize, usize, usize) {
    stage.emulator.instance("digital-twins").unwrap().counts()
}

async fn followed(client: &Client, id: &str) -> Result<types::ImportJob, Error> {
    let wait = client.wait_for_import_job(id).every(FIRST, LONGEST);
    wait.deadline(Duration::from_secs(30)).wait().await.map(|done| done.into_inner())
}

#[tokio::test]
async fn an_import_is_followed_to_its_end_and_everything_is_there() {
    let stage = slow(Duration::from_millis(1)).await;
    let client = &stage.client;
    let created =
        client.create_import_job().id("night/ly").body(job(&stage, &graph())).send().await;
    let created = created.unwrap();
    assert_eq!((created.id.as_deref(), created.status().as_u16()), (Some("night/ly"), 201));
    let mut states = Vec::new();
    let wait = client.wait_for_import_job("night/ly").every(FIRST, LONGEST);
    let done = wait.on_look(|job| states.push(job.status.clone().unwrap())).wait().await;
    let log = stage.emulator.storage().blob_url("jobs", "log.ndjson");
    let log = stage.emulator.storage().read(&log).unwrap();
    let log = String::from_utf8(log.to_vec()).unwrap();
    let done = done.unwrap_or_else(|error| panic!("{error}: {log}"));
    assert_eq!(done.status, Some(ImportJobStatus::Succeeded));
    assert!(done.finished_date_time.is_some());
    assert!(states.contains(&ImportJobStatus::Running), "{states:?}");
    assert_eq!(counts(&stage), (4, 51, 50));
    assert!(log.contains("Succeeded"), "{log}");
}

#[tokio::test]
async fn a_failed_import_is_an_error_with_the_jobs_own_words() {
    let stage = Stage::start().await.unwrap();
    let mut lines = graph();
    lines.push(contained("broken", "nobody"));
    let client = &stage.client;
    client.create_import_job().id("j").body(job(&stage, &lines)).send().await.unwrap();
    let error = followed(client, "j").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed, "{error}");
    assert!(error.to_string().contains("get_import_job"), "{error}");
    assert!(error.to_string().contains("failed"), "{error}");
    assert_eq!(counts(&stage).1, 51, "what was done stays done");
}

#[tokio::test]
async fn one_job_runs_at_a_time_and_can_be_cancelled() {
    let stage = slow(Duration::from_millis(20)).await;
    let client = &stage.client;
    client.create_import_job().id("a").body(job(&stage, &graph())).send().await.unwrap();
    let second = client.create_import_job().id("b").body(job(&stage, &graph())).send().await;
    let error = second.unwrap_err();
    assert_eq!(error.code(), Some("JobLimitReached"), "{error}");
    assert!(error.hint().unwrap().contains("one bulk job"));
    let early = client.wait_for_import_job("a").every(FIRST, LONGEST);
    let error = early.deadline(Duration::from_millis(30)).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let cancelled = client.cancel_import_job().id("a").send().await.unwrap();
    assert_eq!(cancelled.status, Some(ImportJobStatus::Cancelling));
    let error = followed(client, "a").await.unwrap_err();
    assert!(error.to_string().contains("cancelled"), "{error}");
}

#[tokio::test]
async fn a_delete_job_empties_the_instance() {
    let stage = Stage::seeded().await.unwrap();
    let client = &stage.client;
    let started = client.create_delete_job().operation_id("sweep").send().await.unwrap();
    assert_eq!(started.status().as_u16(), 202);
    let location = started.header("operation-location").unwrap();
    assert!(location.contains("/jobs/deletions/sweep"), "{location}");
    let wait = client.wait_for_delete_job("sweep").every(FIRST, LONGEST);
    let done = wait.deadline(Duration::from_secs(30)).wait().await.unwrap();
    assert_eq!(done.status, Some(DeleteJobStatus::Succeeded));
    assert_eq!(counts(&stage), (0, 0, 0));

    let unnamed = client.create_delete_job().timeout_in_minutes(15).send().await.unwrap();
    let id = unnamed.id.clone().unwrap();
    client.wait_for_delete_job(id).every(FIRST, LONGEST).wait().await.unwrap();
    let missing = client.wait_for_delete_job("nobody").wait().await.unwrap_err();
    assert_eq!(missing.code(), Some("DeleteJobNotFound"));
}

/// On which each look at the time takes an hour.
#[derive(Debug, Default)]
struct Hurrying(AtomicU32);

impl Clock for Hurrying {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn instant(&self) -> Instant {
        Instant::now() + Duration::from_secs(3600) * self.0.fetch_add(1, Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_wait_goes_by_the_clients_clock() {
    let recorder = Recorder::start().await.unwrap();
    let running = json!({"id": "j", "status": "running", "inputBlobUri": "https://a.example/in",
        "outputBlobUri": "https://a.example/out"});
    let content = Some(("application/json".to_owned(), running));
    recorder.answer_with(Canned { status: 200, headers: Vec::new(), content });
    let builder = Client::builder(recorder.url(), token::fixed("t"));
    let client = builder.clock(Arc::new(Hurrying::default())).build().unwrap();
    // Its calls need the time, too.
    let client = client.with_options(CallOptions::new().timeout(Duration::from_secs(1 << 20)));
    let wait = client.wait_for_import_job("j").every(FIRST, LONGEST);
    let error = wait.deadline(Duration::from_secs(1)).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(recorder.take().len(), 1, "the time is over when the first answer is there");
}
