//! What takes the platform a while, waited for by its own clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::access_control::types::JobCreate;
use twinkit_itwin::imodels::types::NamedVersionCreate;
use twinkit_itwin::itwins::types::ExportRequest;
use twinkit_itwin::{ErrorKind, Wait};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{
    bare_transfers, body, bytes, changeset_id, new_briefcase, new_imodel, new_itwin, new_role,
    push, stage,
};

/// A wait that notes each state and lets the emulator's time go by.
fn hurried<T: Send + Sync + 'static>(
    stage: &ITwinStage,
    wait: Wait<T>,
    state: fn(&T) -> String,
) -> (Wait<T>, Arc<Mutex<Vec<String>>>) {
    let clock = stage.emulator.clock().clone();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let wait = wait.every(Duration::from_millis(1), Duration::from_millis(5)).on_look(move |it| {
        notes.lock().unwrap().push(state(it));
        clock.advance(Duration::from_secs(1));
    });
    (wait, seen)
}

async fn job(
    stage: &ITwinStage,
    itwin: &str,
    actions: Value,
) -> Wait<twinkit_itwin::access_control::types::Job> {
    let new: JobCreate = body(json!({ "actions": actions }));
    let access = stage.ada.access_control();
    let job = access.create_job().id(itwin).body(new).send().await.unwrap();
    access.wait_for_job(itwin, &job.id)
}

#[tokio::test]
async fn a_job_ends_well_in_part_or_badly() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let role = new_role(&stage.ada, &itwin, "Reader", &["imodels_read"]).await;
    let bob = stage.person("bob").unwrap();
    let add = |email: &str| json!({"email": email, "roleIds": [role]});
    let nobody = "nobody@elsewhere.example";

    let wait = job(&stage, &itwin, json!({"assignRoles": [add(&bob)]})).await;
    let (wait, seen) = hurried(&stage, wait, |job| job.status.as_str().to_owned());
    let ended = wait.wait().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["Active", "Completed"]);
    assert!(ended.error.is_none_or(|errors| errors.is_empty()));

    let wait = job(&stage, &itwin, json!({"assignRoles": [add(&bob), add(nobody)]})).await;
    let (wait, _) = hurried(&stage, wait, |job| job.status.as_str().to_owned());
    let ended = wait.wait().await.unwrap();
    assert_eq!(ended.status.as_str(), "PartialCompleted");
    assert_eq!(ended.error.unwrap()[0].target.as_deref(), Some("assignRoles[1]"));

    let wait = job(&stage, &itwin, json!({"assignRoles": [add(nobody)]})).await;
    let (wait, _) = hurried(&stage, wait, |job| job.status.as_str().to_owned());
    let error = wait.wait().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::OperationFailed, Some("UserNotFound")));
}

#[tokio::test]
async fn an_export_is_queued_made_and_there() {
    let stage = stage().await;
    new_itwin(&stage.ada, "Bridge").await;
    let order: ExportRequest = body(json!({"outputFormat": "JsonGZip"}));
    let export = stage.ada.itwins().create_export().body(order).send().await.unwrap();
    let wait = stage.ada.itwins().wait_for_export(&export.export.id);
    let (wait, seen) = hurried(&stage, wait, |export| export.status.as_str().to_owned());
    let export = wait.wait().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["Queued", "InProgress", "Completed"]);
    assert!(export.output_url.is_some());
}

#[tokio::test]
async fn a_checkpoint_is_waited_for_and_fetched() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    let briefcase = new_briefcase(&stage.ada, &imodel).await;
    for number in 1..=2 {
        push(&stage.ada, &imodel, briefcase, number, bytes(4)).run().await.unwrap();
    }
    let imodels = stage.ada.imodels();
    let new: NamedVersionCreate = body(json!({"name": "One", "changesetId": changeset_id(1)}));
    let version = imodels.create_named_version().id(&imodel).body(new).send().await.unwrap();
    let wait = imodels.wait_for_named_version_checkpoint(&imodel, &version.named_version.id);
    let (wait, seen) = hurried(&stage, wait, |it| it.state.as_str().to_owned());
    let checkpoint = wait.wait().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["scheduled", "successful"]);
    assert_eq!(checkpoint.changeset_index, 1);
    // The one for the second changeset is of the first: the pull is up to the caller.
    let wait = imodels.wait_for_checkpoint(&imodel, 2);
    let (wait, _) = hurried(&stage, wait, |it| it.state.as_str().to_owned());
    assert_eq!(wait.wait().await.unwrap().changeset_index, 1);
    stage.emulator.requests().clear();
    let contents = imodels.fetch_checkpoint(&imodel, 2).bytes(1000).await.unwrap();
    assert!(contents.starts_with(b"SQLite format 3"));
    assert_eq!(bare_transfers(&stage).len(), 1);
}

#[tokio::test]
async fn a_deadline_ends_the_wait_and_an_id_that_is_none_begins_none() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let bob = stage.person("bob").unwrap();
    let role = new_role(&stage.ada, &itwin, "Reader", &["imodels_read"]).await;
    let actions = json!({"assignRoles": [{"email": bob, "roleIds": [role]}]});
    // The emulator's time goes by as ours does.
    let wait = job(&stage, &itwin, actions).await.deadline(Duration::ZERO);
    let error = wait.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let wait = stage.ada.access_control().wait_for_job(&itwin, "..");
    assert_eq!(wait.wait().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}
