//! Jobs and exports followed to their end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::ErrorKind;

use crate::support::{Answer, ITWIN, Server};

/// Answers the bodies one after another, the last one for ever.
pub(crate) async fn states(bodies: Vec<Value>) -> Server {
    let asked = AtomicUsize::new(0);
    Server::start(move |_| {
        let at = asked.fetch_add(1, Ordering::SeqCst).min(bodies.len() - 1);
        Answer::json(200, bodies[at].clone())
    })
    .await
}

fn job(status: &str, error: Value) -> Value {
    json!({"id": "j-1", "itwinId": ITWIN, "status": status, "error": error})
}

#[tokio::test(start_paused = true)]
async fn a_job_that_did_part_of_it_has_ended_and_one_that_failed_is_an_error() {
    let fault = json!([{"code": "UserNotFound", "message": "No such user.", "target": "a@b.c"}]);
    let bodies = vec![
        job("Active", Value::Null),
        job("BrandNew", Value::Null),
        job("PartialCompleted", fault.clone()),
    ];
    let server = states(bodies).await;
    let platform = server.platform();
    let ended = platform.access_control().wait_for_job(ITWIN, "j-1").wait().await.unwrap();
    assert_eq!(ended.error.unwrap()[0].target.as_deref(), Some("a@b.c"));
    assert_eq!(server.lines().len(), 3);
    let seen = &server.seen()[0];
    assert_eq!(seen.line, format!("GET /accesscontrol/itwins/{ITWIN}/jobs/j-1"));
    assert_eq!(seen.header("prefer"), "return=representation");

    let server = states(vec![job("Failed", fault)]).await;
    let platform = server.platform();
    let error = platform.access_control().wait_for_job(ITWIN, "j-1").wait().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::OperationFailed, Some("UserNotFound")));
    assert!(error.to_string().contains("No such user."), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_and_refused_ids_end_a_wait() {
    let server = states(vec![job("Active", Value::Null)]).await;
    let platform = server.platform();
    let wait = platform.access_control().wait_for_job(ITWIN, "j-1");
    let error = wait.deadline(Duration::from_secs(5)).wait().await.unwrap_err();
    assert!(error.is_timeout());
    let count = server.lines().len();
    let error = platform.access_control().wait_for_job("..", "j-1").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.lines().len(), count);
}

#[tokio::test(start_paused = true)]
async fn an_export_is_followed_to_its_address() {
    let export = |status: &str| {
        json!({"export": {"id": "e-1", "status": status, "createdBy": "u",
            "createdDateTime": "2026-01-01T00:00:00Z", "startedDateTime": null,
            "completedDateTime": null, "outputUrl": "https://x.example/canary",
            "request": {"outputFormat": "JsonGZip"}}})
    };
    let server = states(vec![export("Queued"), export("InProgress"), export("Completed")]).await;
    let looks = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    let wait = server.platform().itwins().wait_for_export("e-1");
    let wait = wait.on_look(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let ended = wait.wait().await.unwrap();
    assert_eq!(looks.load(Ordering::SeqCst), 3);
    assert!(!format!("{ended:?}").contains("canary"));
    let server = states(vec![export("Failed")]).await;
    let error = server.platform().itwins().wait_for_export("e-1").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
}
