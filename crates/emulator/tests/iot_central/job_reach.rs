//! Which devices a job reaches, and who reaches the job.

use serde_json::{Value, json};

use crate::{
    jobs::{job, pass, with_devices},
    support::{ORG_ADMINISTRATOR, ORG_VIEWER, Stage, THERMOSTAT},
};

const JOB: &str = "/jobs/first";

/// A device of `north`, one of `oslo` below it, and two of the root.
async fn stage() -> Stage {
    let stage = with_devices(2).await;
    for (id, parent) in [("north", None), ("oslo", Some("north")), ("south", None)] {
        let body = json!({"displayName": id, "parent": parent});
        stage.owner.put(&format!("/organizations/{id}"), &body).await.expect(200);
    }
    for id in ["north", "oslo"] {
        let body = json!({"template": THERMOSTAT, "organizations": [id]});
        stage.owner.put(&format!("/devices/at-{id}"), &body).await.expect(200);
    }
    stage
}

fn of(organization: &str) -> Value {
    let mut body = job("Ada");
    body["organizations"] = json!([organization]);
    body
}

async fn devices(stage: &Stage) -> Vec<String> {
    let (devices, _) = stage.owner.all(&format!("{JOB}/devices")).await;
    devices.iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_job_of_an_organization_stays_within_it() {
    let stage = stage().await;
    stage.owner.put(JOB, &of("north")).await.expect(200);
    assert_eq!(devices(&stage).await, ["at-north", "at-oslo"]);
    pass(&stage, 1);
    let done = stage.owner.get(JOB).await.json();
    assert_eq!((&done["status"], &done["organizations"]), (&json!("complete"), &json!(["north"])));
    stage.owner.put("/jobs/all", &job("Ada")).await.expect(200);
    assert_eq!(stage.owner.get("/jobs/all").await.json()["progress"]["total"], 4);
}

#[tokio::test]
async fn members_of_an_organization_make_jobs_of_it() {
    let stage = stage().await;
    let admin = json!([{"role": ORG_ADMINISTRATOR, "organization": "north"}]);
    let admin = stage.member(admin).await;
    // The group of the root is not theirs to see.
    let message = admin.put(JOB, &of("north")).await.refused(422, "InvalidBody");
    assert!(message.contains("names no device group"), "{message}");
    let group = json!({
        "displayName": "North", "filter": "SELECT * FROM devices", "organizations": ["north"],
    });
    admin.put("/deviceGroups/north", &group).await.expect(200);
    let with_group = |mut body: Value| {
        body["group"] = "north".into();
        body
    };
    admin.put(JOB, &with_group(job("Ada"))).await.refused(403, "Forbidden");
    admin.put(JOB, &with_group(of("south"))).await.refused(403, "Forbidden");
    admin.put(JOB, &with_group(of("oslo"))).await.expect(200);
    assert_eq!(devices(&stage).await, ["at-oslo"]);
    let viewer = json!([{"role": ORG_VIEWER, "organization": "oslo"}]);
    let viewer = stage.member(viewer).await;
    viewer.get(JOB).await.expect(200);
    viewer.send("POST", &format!("{JOB}/stop"), &[], None).await.refused(403, "Forbidden");
    let viewer = json!([{"role": ORG_VIEWER, "organization": "south"}]);
    let viewer = stage.member(viewer).await;
    viewer.get(JOB).await.refused(404, "NotFound");
    viewer.get(&format!("{JOB}/devices")).await.refused(404, "NotFound");
    assert!(viewer.all("/jobs").await.0.is_empty());
}
