//! Scheduled jobs: when they run, when they are done.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    jobs::{job, pass, with_devices},
    support::Stage,
};

const PATH: &str = "/scheduledJobs/nightly";
const DAY: u64 = 24 * 3600;

/// A job whose schedule starts in an hour.
fn scheduled(stage: &Stage, more: Value) -> Value {
    let start = in_hours(stage, 1);
    let mut body = job("Ada");
    body["displayName"] = "Nightly".into();
    body["schedule"] = json!({"start": start});
    for (member, value) in more.as_object().unwrap() {
        body["schedule"][member] = value.clone();
    }
    body
}

fn in_hours(stage: &Stage, hours: i64) -> String {
    let start: Timestamp = stage.emulator.clock().now() + SignedDuration::from_hours(hours);
    format!("{start:.0}")
}

async fn runs(stage: &Stage) -> Vec<Value> {
    stage.owner.all(&format!("{PATH}/jobs")).await.0
}

#[tokio::test]
async fn one_without_recurrence_runs_once() {
    let stage = with_devices(2).await;
    let body = scheduled(&stage, json!({}));
    let made = stage.owner.put(PATH, &body).await.expect(200).json();
    let mut whole = body.clone();
    whole["id"] = "nightly".into();
    whole["etag"] = made["etag"].clone();
    whole["enabled"] = true.into();
    whole["completed"] = false.into();
    assert_eq!(made, whole);
    assert!(runs(&stage).await.is_empty());
    pass(&stage, 3602);
    let runs = runs(&stage).await;
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (&runs[0]["scheduledJobId"], &runs[0]["status"]),
        (&json!("nightly"), &json!("complete"))
    );
    assert_eq!(
        (&runs[0]["displayName"], &runs[0]["progress"]["completed"]),
        (&json!("Nightly"), &json!(2))
    );
    assert_eq!(stage.owner.all("/jobs").await.0, runs);
    assert_eq!(stage.owner.get(PATH).await.json()["completed"], true);
    stage.owner.delete(PATH).await.expect(204);
    stage.owner.get(&format!("{PATH}/jobs")).await.refused(404, "NotFound");
    assert_eq!(stage.owner.all("/jobs").await.0.len(), 1);
}

#[tokio::test]
async fn a_recurring_one_runs_until_its_end() {
    let stage = with_devices(1).await;
    let end = json!({"recurrence": "daily", "end": {"type": "occurrences", "occurrences": 3}});
    stage.owner.put(PATH, &scheduled(&stage, end)).await.expect(200);
    pass(&stage, DAY + 3 * 3600);
    assert_eq!(runs(&stage).await.len(), 2);
    assert_eq!(stage.owner.get(PATH).await.json()["completed"], false);
    pass(&stage, 5 * DAY);
    assert_eq!(runs(&stage).await.len(), 3);
    assert_eq!(stage.owner.get(PATH).await.json()["completed"], true);
}

#[tokio::test]
async fn a_disabled_one_passes_its_times_over() {
    let stage = with_devices(1).await;
    let mut body = scheduled(&stage, json!({"recurrence": "daily"}));
    body["enabled"] = false.into();
    let made = stage.owner.put(PATH, &body).await.expect(200).json();
    pass(&stage, 3 * DAY);
    assert!(runs(&stage).await.is_empty());
    let patch = json!({"enabled": true, "etag": made["etag"]});
    stage.owner.patch(PATH, &patch).await.expect(200);
    stage.owner.patch(PATH, &patch).await.refused(412, "PreconditionFailed");
    assert!(runs(&stage).await.is_empty());
    pass(&stage, DAY);
    assert_eq!(runs(&stage).await.len(), 1);
}

#[tokio::test]
async fn what_the_clock_jumps_over_is_made_up_for_as_far_as_history_goes() {
    let stage = with_devices(1).await;
    let recurring = json!({"recurrence": "weekly"});
    stage.owner.put(PATH, &scheduled(&stage, recurring)).await.expect(200);
    pass(&stage, 100 * DAY);
    let runs = runs(&stage).await;
    assert_eq!(runs.len(), 5);
    assert!(runs.iter().all(|run| run["status"] == "complete"));
    assert_eq!(stage.owner.get(PATH).await.json()["completed"], false);
}

#[tokio::test]
async fn a_start_that_is_past_is_now_and_a_new_schedule_begins_anew() {
    let stage = with_devices(1).await;
    let mut body = scheduled(&stage, json!({"start": "2020-01-01T00:00:00Z"}));
    let made = stage.owner.put(PATH, &body).await.expect(200).json();
    assert_eq!(made["completed"], true);
    assert_eq!(runs(&stage).await.len(), 1);
    // The same schedule does not run again.
    body["displayName"] = "Other".into();
    stage.owner.put(PATH, &body).await.expect(200);
    assert_eq!(runs(&stage).await.len(), 1);
    let patch = json!({"schedule": {"start": in_hours(&stage, 1)}});
    assert_eq!(stage.owner.patch(PATH, &patch).await.expect(200).json()["completed"], false);
    pass(&stage, 3601);
    assert_eq!(runs(&stage).await.len(), 2);
}

#[tokio::test]
async fn what_runs_without_its_group_fails() {
    let stage = with_devices(1).await;
    stage.owner.put(PATH, &scheduled(&stage, json!({}))).await.expect(200);
    stage.owner.delete("/deviceGroups/all").await.expect(204);
    pass(&stage, 3601);
    let runs = runs(&stage).await;
    assert_eq!((&runs[0]["status"], &runs[0]["progress"]["total"]), (&json!("failed"), &json!(0)));
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let stage = with_devices(0).await;
    let mut body = scheduled(
        &stage,
        json!({
            "start": "soon", "recurrence": "yearly", "end": {"type": "occurrences", "occurrences": 1000},
        }),
    );
    let template = body["data"][0]["target"].clone();
    let migration = json!({"type": "deviceTemplateMigration", "template": template});
    body["data"].as_array_mut().unwrap().push(migration);
    let message = stage.owner.put(PATH, &body).await.refused(422, "InvalidBody");
    for part in [
        "start is no time",
        "schedule.recurrence is not one of daily, weekly, monthly",
        "schedule.end.occurrences is no whole number from 1 to 999",
        "data.1 is of another type",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let end = json!({"end": {"type": "date", "date": "2022-12-30T00:00:00Z"}});
    let message = stage.owner.put(PATH, &scheduled(&stage, end)).await.refused(422, "InvalidBody");
    assert!(message.contains("date is no date"), "{message}");
    let message = stage.owner.put(PATH, &job("x")).await.refused(422, "InvalidBody");
    assert!(message.contains("schedule is missing"), "{message}");
}
