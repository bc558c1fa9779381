//! Device groups: filters, and the devices that they find.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    iot_central::{Config, Limits},
};

use crate::support::{Caller, ORG_VIEWER, PREVIEW, Stage, THERMOSTAT};

const GROUP: &str = "/deviceGroups/pumps";

fn group(rest: &str) -> Value {
    json!({"displayName": "Pumps", "filter": format!("SELECT * FROM devices{rest}")})
}

async fn found(caller: &Caller, path: &str) -> Vec<String> {
    let (devices, _) = caller.all(path).await;
    devices.iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn they_are_made_changed_listed_and_deleted() {
    let stage = Stage::new().await;
    let made = stage.owner.put(GROUP, &group("")).await.expect(200).json();
    let whole = json!({
        "id": "pumps", "etag": made["etag"],
        "displayName": "Pumps", "filter": "SELECT * FROM devices",
    });
    assert_eq!(made, whole);
    let patch = json!({"description": "All of them", "etag": made["etag"]});
    let changed = stage.owner.patch(GROUP, &patch).await.expect(200).json();
    assert_eq!(changed["description"], "All of them");
    stage.owner.patch(GROUP, &patch).await.refused(412, "PreconditionFailed");
    assert_eq!(stage.owner.all("/deviceGroups").await.0, [changed]);
    stage.owner.delete(GROUP).await.expect(204);
    stage.owner.get(&format!("{GROUP}/devices")).await.refused(404, "NotFound");
}

#[tokio::test]
async fn filters_find_devices_as_they_are_now() {
    let stage = Stage::with_thermostat().await;
    for (id, body) in [
        ("a1", json!({"template": THERMOSTAT, "simulated": true})),
        ("b2", json!({"template": THERMOSTAT, "displayName": "The \"pump\""})),
        ("c3", json!({})),
    ] {
        stage.owner.put(&format!("/devices/{id}"), &body).await.expect(200);
    }
    let (template, devices) = (format!("$template = \"{THERMOSTAT}\""), format!("{GROUP}/devices"));
    for (condition, expected) in [
        (template.clone(), vec!["a1", "b2"]),
        (format!("{template} AND $simulated = false"), vec!["b2"]),
        ("$template != \"x\"".to_owned(), vec!["a1", "b2", "c3"]),
        ("$displayName = \"The \"\"pump\"\"\" OR $id = \"c3\"".to_owned(), vec!["b2", "c3"]),
        ("CONTAINS($displayName, \"pump\")".to_owned(), vec!["b2"]),
        ("$provisioned = true".to_owned(), vec![]),
        ("target > 20".to_owned(), vec![]),
    ] {
        stage.owner.put(GROUP, &group(&format!(" WHERE {condition}"))).await.expect(200);
        assert_eq!(found(&stage.owner, &devices).await, expected, "{condition}");
    }
    stage.owner.put(GROUP, &group(" WHERE $provisioned = true")).await.expect(200);
    stage.emulator.clock().advance(Duration::from_secs(2));
    let device = &stage.owner.all(&devices).await.0[0];
    assert_eq!(*device, stage.owner.get("/devices/a1").await.json());
}

#[tokio::test]
async fn devices_of_a_group_come_in_pages() {
    let stage = Stage::new().await;
    for number in 0..30 {
        let path = format!("/devices/dev-{number:02}");
        stage.owner.put(&path, &json!({})).await.expect(200);
    }
    stage.owner.put(GROUP, &group(" WHERE $id != \"dev-07\"")).await.expect(200);
    let (devices, pages) = stage.owner.all(&format!("{GROUP}/devices")).await;
    assert_eq!((devices.len(), pages), (29, 2));
    let path = format!("{GROUP}/devices?maxpagesize=10");
    assert_eq!(stage.owner.version(PREVIEW).all(&path).await.1, 3);
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let limits = Limits { device_groups: 1, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let bad = json!({"filter": "SELECT * FROM devices WHERE $id", "organizations": ["x"]});
    let message = stage.owner.put(GROUP, &bad).await.refused(422, "InvalidBody");
    for part in ["displayName is missing", "at character 32", "no organization"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let many = format!(" WHERE {}", ["$id = \"a\""; 101].join(" OR "));
    let message = stage.owner.put(GROUP, &group(&many)).await.refused(422, "InvalidBody");
    assert!(message.contains("more than 100 conditions"), "{message}");
    stage.owner.put("/deviceGroups/a.b", &group("")).await.refused(400, "BadRequest");
    stage.owner.put(GROUP, &group("")).await.expect(200);
    stage.owner.put(GROUP, &group("")).await.expect(200);
    stage.owner.put("/deviceGroups/more", &group("")).await.refused(409, "Conflict");
}

#[tokio::test]
async fn a_group_of_an_organization_stays_within_it() {
    let stage = Stage::new().await;
    for (id, parent) in [("north", None), ("oslo", Some("north")), ("south", None)] {
        let body = json!({"displayName": id, "parent": parent});
        stage.owner.put(&format!("/organizations/{id}"), &body).await.expect(200);
        let device = json!({"organizations": [id]});
        stage.owner.put(&format!("/devices/at-{id}"), &device).await.expect(200);
    }
    let mut body = group("");
    stage.owner.put("/deviceGroups/all", &body).await.expect(200);
    body["organizations"] = json!(["north"]);
    stage.owner.put(GROUP, &body).await.expect(200);
    let devices = format!("{GROUP}/devices");
    assert_eq!(found(&stage.owner, &devices).await, ["at-north", "at-oslo"]);
    assert_eq!(found(&stage.owner, "/deviceGroups/all/devices").await.len(), 3);

    let roles = json!([{"role": ORG_VIEWER, "organization": "oslo"}]);
    let viewer = stage.member(roles).await;
    viewer.get("/deviceGroups/all").await.refused(404, "NotFound");
    viewer.get(&devices).await.refused(404, "NotFound");
    let roles = json!([{"role": ORG_VIEWER, "organization": "north"}]);
    let viewer = stage.member(roles).await;
    assert_eq!(found(&viewer, &devices).await, ["at-north", "at-oslo"]);
    viewer.put("/deviceGroups/mine", &body).await.refused(403, "Forbidden");
}
