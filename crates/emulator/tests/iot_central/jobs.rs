//! Jobs: batches that pass with time, what they do to devices, how they end.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::iot_central::{CommandAnswer, MAIN_APPLICATION, Place};

use crate::support::{PREVIEW, Stage, THERMOSTAT, thermostat};

const JOB: &str = "/jobs/first";

/// Devices `dev-0` and on of the thermostat, provisioned, in the group `all`.
pub(crate) async fn with_devices(count: usize) -> Stage {
    let stage = Stage::with_thermostat().await.by_api_token().await;
    for number in 0..count {
        let body = json!({"template": THERMOSTAT, "simulated": true});
        stage.owner.put(&format!("/devices/dev-{number}"), &body).await.expect(200);
    }
    let group = json!({"displayName": "All", "filter": "SELECT * FROM devices"});
    stage.owner.put("/deviceGroups/all", &group).await.expect(200);
    pass(&stage, 2);
    stage
}

pub(crate) fn pass(stage: &Stage, seconds: u64) {
    stage.emulator.clock().advance(Duration::from_secs(seconds));
}

/// A job that gives every device a customer.
pub(crate) fn job(value: &str) -> Value {
    json!({"group": "all", "data": [
        {"type": "cloudProperty", "target": THERMOSTAT, "path": "customer", "value": value},
    ]})
}

fn of_one(datum: Value) -> Value {
    json!({"group": "all", "data": [datum]})
}

async fn count(stage: &Stage, condition: &str) -> usize {
    let filter = format!("SELECT * FROM devices WHERE {condition}");
    let group = json!({"displayName": "Found", "filter": filter});
    stage.owner.put("/deviceGroups/found", &group).await.expect(200);
    stage.owner.all("/deviceGroups/found/devices").await.0.len()
}

fn progress(job: &Value) -> (u64, u64, u64) {
    let number = |member| job["progress"][member].as_u64().unwrap();
    (number("pending"), number("completed"), number("failed"))
}

#[tokio::test]
async fn a_job_goes_over_the_devices_batch_by_batch() {
    let stage = with_devices(5).await;
    let mut body = job("Ada");
    body["batch"] = json!({"type": "percentage", "value": 40});
    body["displayName"] = "Customers".into();
    body["status"] = "mine".into();
    let made = stage.owner.put(JOB, &body).await.expect(200).json();
    assert_eq!((&made["id"], &made["status"]), (&json!("first"), &json!("running")));
    assert_eq!(progress(&made), (5, 0, 0));
    assert!(made["start"].is_string() && made.get("end").is_none() && made.get("etag").is_none());
    for (completed, status) in [(2, "running"), (4, "running"), (5, "complete")] {
        pass(&stage, 1);
        let shown = stage.owner.get(JOB).await.expect(200).json();
        assert_eq!((progress(&shown).1, shown["status"].as_str().unwrap()), (completed, status));
        assert_eq!(count(&stage, "customer = \"Ada\"").await as u64, completed);
    }
    let done = stage.owner.get(JOB).await.json();
    assert!(done["end"].as_str() > done["start"].as_str(), "{done}");
    let (devices, _) = stage.owner.all(&format!("{JOB}/devices")).await;
    assert_eq!(devices.len(), 5);
    assert_eq!(devices[4], json!({"id": "dev-4", "status": "completed"}));
    assert_eq!(stage.owner.all("/jobs").await.0, [done]);
    stage.owner.put(JOB, &body).await.refused(409, "Conflict");
    stage.owner.patch(JOB, &json!({})).await.refused(404, "NotFound");
    stage.owner.delete(JOB).await.refused(404, "NotFound");
}

#[tokio::test]
async fn every_kind_of_data_does_its_work() {
    let stage = with_devices(2).await;
    let other = "dtmi:contoso:thermostat;2";
    let mut template = thermostat();
    template["@id"] = other.into();
    stage.owner.put(&format!("/deviceTemplates/{other}"), &template).await.expect(200);
    let blocked = json!({"enabled": false});
    stage.owner.patch("/devices/dev-1", &blocked).await.expect(200);
    let target = THERMOSTAT;
    let data = [
        json!({"type": "property", "target": target, "path": "target", "value": 21.5}),
        json!({"type": "property", "target": target, "path": "info.owner", "value": "Ada"}),
        json!({"type": "cloudProperty", "target": target, "path": "customer", "value": "Bob"}),
        json!({"type": "command", "target": target, "path": "info.selfTest", "value": null}),
        json!({"type": "deviceTemplateMigration", "template": other}),
    ];
    for (number, datum) in data.into_iter().enumerate() {
        let path = format!("/jobs/job-{number}");
        stage.owner.put(&path, &of_one(datum.clone())).await.expect(200);
        pass(&stage, 1);
        let done = stage.owner.get(&path).await.json();
        // A blocked device takes no commands.
        let failed = u64::from(datum["type"] == "command");
        assert_eq!(progress(&done), (0, 2 - failed, failed), "{datum}");
        assert_eq!(done["status"], "complete");
    }
    pass(&stage, 1);
    assert_eq!(count(&stage, "target = 21.5 AND info.owner = \"Ada\"").await, 1);
    assert_eq!(count(&stage, "customer = \"Bob\"").await, 2);
    assert_eq!(count(&stage, &format!("$template = \"{other}\"")).await, 2);
}

#[tokio::test]
async fn commands_of_jobs_go_by_what_devices_answer() {
    let stage = with_devices(4).await;
    let application = stage.emulator.iot_central(MAIN_APPLICATION).unwrap();
    let place = Place::root();
    let set = |device, answer| {
        application.answer_command(device, &place, None, Some(answer)).unwrap();
    };
    set("dev-1", CommandAnswer::reply(500, json!({"fault": true})));
    set("dev-2", CommandAnswer::Silence);
    application.disconnect_device("dev-3").unwrap();
    let command = |path: &str, value: Value| {
        of_one(json!({"type": "command", "target": THERMOSTAT, "path": path, "value": value}))
    };
    for (id, body, expected) in [
        ("reboot", command("reboot", Value::Null), ["completed", "failed", "failed", "failed"]),
        // Without its payload a simulated device does not answer this one.
        ("report", command("report", Value::Null), ["failed"; 4]),
        ("later", command("later", json!(1)), ["completed"; 4]),
    ] {
        stage.owner.put(&format!("/jobs/{id}"), &body).await.expect(200);
        pass(&stage, 1);
        let (devices, _) = stage.owner.all(&format!("/jobs/{id}/devices")).await;
        let statuses: Vec<&str> =
            devices.iter().map(|device| device["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, expected, "{id}");
    }
    let (runs, _) = stage.owner.all("/devices/dev-1/commands/reboot").await;
    assert_eq!(
        (&runs[0]["responseCode"], &runs[0]["response"]["fault"]),
        (&json!(500), &json!(true))
    );
}

#[tokio::test]
async fn previews_give_devices_a_manifest() {
    let stage = with_devices(1).await;
    let preview = stage.owner.version(PREVIEW);
    let manifest = json!({"data": {"modulesContent": {}}});
    preview.put("/deploymentManifests/edge1", &manifest).await.expect(200);
    let datum = json!({"type": "deviceManifestMigration", "manifest": "edge1"});
    stage.owner.put(JOB, &of_one(datum.clone())).await.refused(422, "InvalidBody");
    preview.put(JOB, &of_one(datum)).await.expect(200);
    pass(&stage, 1);
    let device = preview.get("/devices/dev-0?expand=deploymentManifest").await.json();
    assert_eq!(device["deploymentManifest"], json!({"data": manifest["data"], "id": "edge1"}));
}

#[tokio::test]
async fn devices_fail_where_the_data_does_not_fit_them() {
    let stage = with_devices(2).await;
    stage.owner.put("/devices/plain", &json!({})).await.expect(200);
    stage.owner.put(JOB, &job("Ada")).await.expect(200);
    let wrong = json!({"type": "property", "target": THERMOSTAT, "path": "target", "value": "x"});
    stage.owner.put("/jobs/second", &of_one(wrong)).await.expect(200);
    stage.owner.delete("/devices/dev-1").await.expect(204);
    pass(&stage, 1);
    let first = stage.owner.get(JOB).await.json();
    assert_eq!((progress(&first), &first["status"]), ((0, 1, 2), &json!("complete")));
    let (devices, _) = stage.owner.all(&format!("{JOB}/devices")).await;
    assert_eq!(devices[1], json!({"id": "dev-1", "status": "failed"}));
    let second = stage.owner.get("/jobs/second").await.json();
    assert_eq!((progress(&second), &second["status"]), ((0, 0, 3), &json!("failed")));
}

#[tokio::test]
async fn a_job_is_run_again_over_what_failed() {
    let stage = with_devices(2).await;
    stage.owner.put("/devices/plain", &json!({})).await.expect(200);
    stage.owner.put(JOB, &job("Ada")).await.expect(200);
    let again = format!("{JOB}/rerun/second");
    let rerun = async || stage.owner.send("PUT", &again, &[], None).await;
    rerun().await.refused(409, "Conflict");
    pass(&stage, 1);
    stage.owner.patch("/devices/plain", &json!({"template": THERMOSTAT})).await.expect(200);
    let made = rerun().await.expect(200).json();
    assert_eq!((&made["id"], progress(&made)), (&json!("second"), (1, 0, 0)));
    assert_eq!(made["data"], job("Ada")["data"]);
    rerun().await.refused(409, "Conflict");
    pass(&stage, 1);
    assert_eq!(progress(&stage.owner.get("/jobs/second").await.json()), (0, 1, 0));
    let nothing = stage.owner.send("PUT", "/jobs/second/rerun/third", &[], None).await;
    assert!(nothing.refused(409, "Conflict").contains("No device"));
}

#[tokio::test]
async fn it_is_stopped_and_goes_on() {
    let stage = with_devices(2).await;
    let mut body = job("Ada");
    body["batch"] = json!({"type": "number", "value": 1});
    stage.owner.put(JOB, &body).await.expect(200);
    let act =
        async |what: &str| stage.owner.send("POST", &format!("{JOB}/{what}"), &[], None).await;
    act("resume").await.refused(409, "Conflict");
    pass(&stage, 1);
    assert_eq!(act("stop").await.expect(204).text, "");
    act("stop").await.refused(409, "Conflict");
    pass(&stage, 5);
    let stopped = stage.owner.get(JOB).await.json();
    assert_eq!((&stopped["status"], progress(&stopped)), (&json!("stopped"), (1, 1, 0)));
    act("resume").await.expect(204);
    pass(&stage, 1);
    let done = stage.owner.get(JOB).await.json();
    assert_eq!((&done["status"], progress(&done)), (&json!("complete"), (0, 2, 0)));
    act("stop").await.refused(409, "Conflict");
    stage.owner.send("POST", "/jobs/none/stop", &[], None).await.refused(404, "NotFound");
}

#[tokio::test]
async fn too_many_failures_cancel_it() {
    let stage = with_devices(3).await;
    for (id, threshold, status) in [
        ("a", json!({"type": "number", "value": 1}), "cancelled"),
        ("b", json!({"type": "number", "value": 1, "batch": true}), "failed"),
        ("c", json!({"type": "percentage", "value": 34}), "cancelled"),
        ("d", json!({"type": "percentage", "value": 100, "batch": true}), "failed"),
    ] {
        let value = json!({"type": "property", "target": THERMOSTAT, "path": "target", "value": 0});
        let mut body = of_one(value);
        body["data"][0]["value"] = "no number".into();
        body["batch"] = json!({"type": "number", "value": 1});
        body["cancellationThreshold"] = threshold;
        stage.owner.put(&format!("/jobs/{id}"), &body).await.expect(200);
        pass(&stage, 3);
        let done = stage.owner.get(&format!("/jobs/{id}")).await.json();
        assert_eq!(done["status"], status, "{done}");
        assert_eq!(progress(&done).0, u64::from(status == "cancelled"));
    }
}

#[tokio::test]
async fn five_run_at_a_time_and_the_past_is_forgotten() {
    let stage = with_devices(1).await;
    for number in 0..7 {
        stage.owner.put(&format!("/jobs/job-{number}"), &job("Ada")).await.expect(200);
    }
    let statuses = async || {
        let (jobs, _) = stage.owner.all("/jobs").await;
        let word = |job: &Value| job["status"].as_str().unwrap().to_owned();
        jobs.iter().map(word).collect::<Vec<_>>()
    };
    let of = |first: &'static str, second: &'static str| [vec![first; 5], vec![second; 2]].concat();
    assert_eq!(statuses().await, of("running", "pending"));
    pass(&stage, 1);
    assert_eq!(statuses().await, of("complete", "running"));
    pass(&stage, 1);
    assert_eq!(statuses().await, of("complete", "complete"));
    pass(&stage, 30 * 24 * 3600 - 1);
    assert_eq!(statuses().await, ["complete"; 2]);
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let stage = with_devices(0).await;
    let bad = json!({
        "group": "none",
        "organizations": ["a", "b"],
        "batch": {"type": "percentage", "value": 101},
        "cancellationThreshold": {"type": "some"},
        "data": [
            {"type": "PropertyJobData"},
            {"type": "property", "target": "dtmi:none;1", "path": "target"},
            {"type": "property", "target": THERMOSTAT, "path": "customer"},
            {"type": "command", "target": THERMOSTAT},
            {"type": "deviceManifestMigration", "manifest": "x"},
            1,
        ],
    });
    let message = stage.owner.put(JOB, &bad).await.refused(422, "InvalidBody");
    for part in [
        "no device group: \"none\"",
        "more than one item",
        "more than 100 percent",
        "cancellationThreshold.type is not one of",
        "cancellationThreshold.value is missing",
        "data.0.type is not one of",
        "no device template: \"dtmi:none;1\"",
        "no writable property",
        "data.3.path is missing",
        "data.4.type is not one of",
        "data.5 is no object",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    stage.owner.put(JOB, &json!({"group": "all", "data": []})).await.refused(422, "InvalidBody");
    stage.owner.put("/jobs/a.b", &job("x")).await.refused(400, "BadRequest");
}
