//! Jobs, schedules and the file upload, followed to their end.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use twinkit_iot_central::{ErrorKind, Progress};

use crate::support::{Answer, Seen, Server, list, refusal};

/// Gives the answers one after another, the last one again and again.
fn script(answers: Vec<Answer>) -> impl Fn() -> Answer + Send + Sync {
    let answers = Mutex::new((0, answers));
    move || {
        let mut state = answers.lock().unwrap();
        let (next, answers) = &mut *state;
        let answer = answers[(*next).min(answers.len() - 1)].clone();
        *next += 1;
        answer
    }
}

fn job(status: &str) -> Answer {
    let progress = json!({"total": 3, "pending": 1, "completed": 1, "failed": 1});
    (200, json!({"id": "j", "group": "g", "data": [], "status": status, "progress": progress}))
}

async fn following(states: &[&str]) -> Server {
    let next = script(states.iter().map(|status| job(status)).collect());
    Server::start(move |seen: &Seen| match seen.line.as_str() {
        "GET /api/jobs/j/devices" => list(json!([
            {"id": "a", "status": "completed"}, {"id": "b", "status": "failed"},
            {"id": "c", "status": "paused-by-moon"},
        ])),
        "GET /api/jobs/j" => next(),
        _ => refusal(404, "NotFound"),
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_job_is_followed_past_states_that_are_not_known() {
    let server = following(&["pending", "running", "waxing", "complete"]).await;
    let client = server.client();
    let mut seen = Vec::new();
    let wait = client.wait_for_job("j").on_look(|report| seen.push(report.to_string()));
    let report = wait.wait().await.unwrap().into_result().unwrap();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[2], "waxing: 1 done, 1 failed of 3");
    let failed: Vec<_> = report.failed_devices().map(|device| device.id.as_deref()).collect();
    assert_eq!(failed, [Some("b")]);
    assert_eq!(report.devices.len(), 3);
    let asked = server.lines().iter().filter(|line| line.ends_with("devices")).count();
    assert_eq!(asked, 1, "devices are asked for at the end only");
    let error = client.wait_for_job("none").wait().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(client.wait_for_job("").wait().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_ends_badly_tells_its_devices_first() {
    for state in ["failed", "cancelled", "stopped"] {
        let server = following(&["running", state]).await;
        let report = server.client().wait_for_job("j").wait().await.unwrap();
        assert_eq!((report.progress(), report.devices.len()), (Progress::Failed, 3), "{state}");
        let error = report.into_result().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::OperationFailed, Some(state)));
        assert!(error.to_string().contains("1 of 3 devices failed"), "{error}");
    }
}

fn scheduled(completed: bool, enabled: bool) -> Answer {
    let schedule = json!({"start": "2099-01-01T00:00:00Z", "recurrence": "fortnightly"});
    (
        200,
        json!({"id": "s", "group": "g", "data": [], "schedule": schedule,
                 "completed": completed, "enabled": enabled}),
    )
}

#[tokio::test(start_paused = true)]
async fn a_schedule_is_followed_to_the_end_of_its_runs() {
    let state = script(vec![scheduled(false, true), scheduled(true, true)]);
    let runs = script(vec![
        list(json!([])),
        list(
            json!([{"group": "g", "data": [], "status": "running", "start": "2099-01-02T00:00:00Z"},
                    {"group": "g", "data": [], "status": "failed", "start": "2099-01-01T00:00:00Z"}]),
        ),
        list(json!([{"group": "g", "data": [], "status": "complete"}])),
    ]);
    let server = Server::start(
        move |seen: &Seen| {
            if seen.line.ends_with("/jobs") { runs() } else { state() }
        },
    )
    .await;
    let client = server.client();
    let first = client.scheduled_runs("s").await.unwrap();
    let now = SystemTime::now();
    assert_eq!(first.first_start(now).unwrap().as_str(), "2099-01-01T00:00:00Z");
    assert!(first.last().is_none() && first.progress() == Progress::Running);
    let mut seen = Vec::new();
    let wait = client.wait_for_scheduled_job("s").on_look(|runs| {
        seen.push(runs.last().and_then(|run| run.start.clone()));
    });
    let done = wait.wait().await.unwrap();
    assert_eq!((done.progress(), done.runs.len()), (Progress::Succeeded, 1));
    assert!(done.first_start(now).is_none());
    assert_eq!(seen[0].as_ref().unwrap().as_str(), "2099-01-02T00:00:00Z", "the newest is last");

    let off = Server::start(|seen| match seen.line.ends_with("/jobs") {
        true => list(json!([])),
        false => scheduled(false, false),
    })
    .await;
    let error = off.client().wait_for_scheduled_job("s").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert!(error.hint().unwrap().contains("enabled"), "{:?}", error.hint());
}

fn upload(state: &str) -> Answer {
    (200, json!({"connectionString": "AccountKey=canary", "container": "c", "state": state}))
}

#[tokio::test(start_paused = true)]
async fn the_file_upload_is_waited_for_and_its_removal_too() {
    let next =
        script(vec![upload("pending"), upload("updating"), upload("new"), upload("succeeded")]);
    let server = Server::start(move |_: &Seen| next()).await;
    let done = server.client().wait_for_file_upload().wait().await.unwrap();
    assert!(!format!("{done:?}").contains("canary"), "{done:?}");
    assert_eq!(server.lines(), vec!["GET /api/fileUploads"; 4]);

    let server = Server::start(|_| upload("failed")).await;
    let error = server.client().wait_for_file_upload().wait().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::OperationFailed, Some("failed")));

    let next = script(vec![upload("deleting"), refusal(404, "NotFound")]);
    let server = Server::start(move |_: &Seen| next()).await;
    assert!(server.client().wait_for_file_upload_removal().wait().await.unwrap().is_none());
    let server = Server::start(|_| (200, Value::from("garbage"))).await;
    let wait = server.client();
    let wait = wait.wait_for_file_upload().deadline(Duration::from_secs(5)).wait();
    assert_eq!(wait.await.unwrap_err().kind(), ErrorKind::Decode);
}
