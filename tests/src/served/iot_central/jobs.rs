//! Jobs and scheduled jobs.

use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{GROUP, TEMPLATE};
use super::{Stand, with_body};
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

/// Longer than any job here takes, and shorter than a token lives.
const A_WHILE: Duration = Duration::from_secs(60);

fn data() -> Value {
    json!([{"type": "property", "target": TEMPLATE, "path": "limit", "value": 7.5}])
}

pub(super) async fn play<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    jobs(play, stand).await;
    scheduled_jobs(play, stand).await;
}

async fn jobs<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    let id = |id: &str| Values::new().with("jobId", id);
    let named = |id: &str, body| with_body("jobId", id, body);
    let batches = json!({"displayName": "Limits", "description": "all pumps", "group": GROUP,
        "data": data(), "batch": {"type": "number", "value": 1},
        "cancellationThreshold": {"type": "percentage", "value": 50, "batch": false}});
    play.succeeds("create_job", named("limits", batches)).await;
    let nobody = json!({"group": "nobody", "data": data()});
    play.refused("create_job", named("x", nobody)).await;
    play.succeeds("stop_job", id("limits")).await;
    play.refused("stop_job", id("nobody")).await;
    play.succeeds("resume_job", id("limits")).await;
    play.refused("resume_job", id("nobody")).await;
    stand.emulator.clock().advance(A_WHILE);
    play.succeeds("get_job", id("limits")).await;
    play.refused("get_job", id("nobody")).await;
    play.succeeds("list_job_devices", id("limits")).await;
    play.refused("list_job_devices", id("nobody")).await;
    // The devices answer this command only where a scenario told them to.
    let command = json!([{"type": "command", "target": TEMPLATE, "path": "motor.restart"}]);
    let failing = json!({"group": GROUP, "data": command});
    play.succeeds("create_job", named("failing", failing)).await;
    stand.emulator.clock().advance(A_WHILE);
    play.succeeds("rerun_job", id("failing").with("rerunId", "again")).await;
    play.refused("rerun_job", id("nobody").with("rerunId", "other")).await;
    play.succeeds("list_jobs", Values::new()).await;
    play.denied("list_jobs", Values::new()).await;
}

async fn scheduled_jobs<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    let id = |id: &str| Values::new().with("scheduledJobId", id);
    let named = |id: &str, body| with_body("scheduledJobId", id, body);
    let start = stand.emulator.clock().now();
    let schedule =
        |end: Value| json!({"start": start.to_string(), "recurrence": "daily", "end": end});
    for (job, end) in [
        ("nightly", json!({"type": "occurrences", "occurrences": 3})),
        ("dated", json!({"type": "date", "date": "2999-12-30"})),
    ] {
        let body = json!({"displayName": "Nightly", "group": GROUP, "data": data(),
            "schedule": schedule(end), "enabled": true});
        play.succeeds("create_scheduled_job", named(job, body)).await;
    }
    let mixed = json!({"group": GROUP, "schedule": schedule(json!({"type": "never"})),
        "data": data()});
    play.refused("create_scheduled_job", named("x", mixed)).await;
    stand.emulator.clock().advance(A_WHILE);
    play.succeeds("get_scheduled_job", id("nightly")).await;
    play.refused("get_scheduled_job", id("nobody")).await;
    play.succeeds("list_scheduled_job_jobs", id("nightly")).await;
    play.refused("list_scheduled_job_jobs", id("nobody")).await;
    play.succeeds("update_scheduled_job", named("nightly", json!({"enabled": false}))).await;
    play.refused("update_scheduled_job", named("nobody", json!({}))).await;
    play.refused("update_scheduled_job", named("nightly", json!({"group": "nobody"}))).await;
    play.succeeds("list_scheduled_jobs", Values::new()).await;
    play.denied("list_scheduled_jobs", Values::new()).await;
    play.succeeds("delete_scheduled_job", id("nightly")).await;
    play.refused("delete_scheduled_job", id("nightly")).await;
    play.succeeds("delete_scheduled_job", id("dated")).await;
}
