//! Import and delete jobs. The delete job comes last: it empties the instance.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::storage::Storage;

use super::Play;
use crate::generated::Values;

/// Looks at a job before it is given up, and the time between two.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);

pub(super) async fn play(play: &mut Play, storage: &Storage) {
    imports(play, storage).await;
    deletions(play).await;
}

fn id(id: &str) -> Values {
    Values::new().with("id", id)
}

/// Longer than the service takes ids.
fn endless() -> Values {
    id(&"x".repeat(129))
}

async fn imports(play: &mut Play, storage: &Storage) {
    let lines = [
        json!({"Section": "Header"}),
        json!({"fileVersion": "1.0.0", "author": "test", "organization": "test"}),
        json!({"Section": "Twins"}),
        json!({"$dtId": "imported", "$metadata": {"$model": "dtmi:test:Room;1"}}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    storage.put("jobs", "input.ndjson", text.join("\n"));
    let job = json!({
        "inputBlobUri": storage.blob_url("jobs", "input.ndjson"),
        "outputBlobUri": storage.blob_url("jobs", "log.ndjson"),
    });
    play.succeeds("create_import_job", id("nightly").with("body", job.clone())).await;
    play.refused("create_import_job", endless().with("body", job)).await;
    play.succeeds("cancel_import_job", id("nightly")).await;
    play.refused("cancel_import_job", endless()).await;
    until_ended(play, "get_import_job", "nightly").await;
    play.refused("get_import_job", id("nobody")).await;
    play.succeeds("list_import_jobs", Values::new().with("max-items-per-page", 5)).await;
    play.denied("list_import_jobs", Values::new()).await;
    play.succeeds("delete_import_job", id("nightly")).await;
    play.refused("delete_import_job", endless()).await;
}

async fn deletions(play: &mut Play) {
    let short = Values::new().with("timeoutInMinutes", 1);
    play.refused("create_delete_job", short).await;
    let wanted = Values::new().with("timeoutInMinutes", 15).with("operation-id", "sweep");
    play.succeeds("create_delete_job", wanted).await;
    until_ended(play, "get_delete_job", "sweep").await;
    play.refused("get_delete_job", id("nobody")).await;
    play.succeeds("list_delete_jobs", Values::new()).await;
    play.denied("list_delete_jobs", Values::new()).await;
}

async fn until_ended(play: &mut Play, operation: &str, job: &str) {
    const ENDS: [&str; 3] = ["succeeded", "failed", "cancelled"];
    for _ in 0..LOOKS {
        let answer = play.succeeds(operation, id(job)).await;
        let status = answer.as_ref().and_then(|answer| answer.value.get("status")?.as_str());
        if status.is_none_or(|status| ENDS.contains(&status)) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let seen = play.seen.entry(operation.to_owned()).or_default();
    seen.surprises.push(format!("the job {job} does not end"));
}
