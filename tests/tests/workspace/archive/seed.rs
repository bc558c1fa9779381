//! An application with something of everything.

use serde_json::{Value, json};
use twinkit_tests::support::application::Application;

pub(super) const ADMINISTRATOR: &str = "ca310b8d-2f4a-44e0-a36e-957c202cd8d4";
pub(super) const TEMPLATE: &str = "dtmi:test:pump;1";
pub(super) const DEVICES: usize = 27;

/// Starts an application with something of everything.
pub(super) async fn seeded() -> Application {
    let application = Application::start().await.unwrap();
    seed(&application);
    application
}

fn seed(application: &Application) {
    application.list(
        "roles",
        [
            json!({"id": ADMINISTRATOR, "displayName": "Administrator"}),
            json!({"id": "custom-a", "displayName": "Night shift"}),
            json!({"id": "custom-b", "displayName": "Day shift"}),
        ],
    );
    application.list(
        "organizations",
        [
            json!({"id": "hall", "displayName": "Hall", "parent": "works"}),
            json!({"id": "works", "displayName": "Works"}),
        ],
    );
    let user = |index: usize| {
        json!({"id": format!("user-{index}"), "type": "email", "email": format!("u{index}@x.example"),
            "roles": [{"role": ADMINISTRATOR}]})
    };
    let mut users: Vec<Value> = (0..26).map(user).collect();
    users[1]["roles"] = json!([{"role": "custom-a"}, {"role": "custom-b"}]);
    users[2]["roles"] = json!([{"role": "custom-b"}]);
    application.list("users", users);
    let token = json!({"id": "ops", "roles": [{"role": ADMINISTRATOR}], "expiry": "2030-01-01T00:00:00.000Z"});
    application.list("apiTokens", [token]);
    application.list("deviceTemplates", [template()]);
    application.list("enrollmentGroups", [
        json!({"id": "keys", "displayName": "Keys", "enabled": true, "type": "iot", "etag": "e",
            "attestation": {"type": "symmetricKey",
                "symmetricKey": {"primaryKey": "canary-1", "secondaryKey": "canary-2"}}}),
        json!({"id": "certs", "displayName": "Certificates", "enabled": true, "type": "iot", "etag": "e",
            "attestation": {"type": "x509", "x509": {"signingCertificates": {}}}}),
    ]);
    let certificate = json!({"verified": true, "info": {"sha1Thumbprint": "AB"}, "etag": "e"});
    application.single("enrollmentGroups/certs/certificates/primary", certificate);
    application.list("devices", (0..DEVICES).map(device));
    for index in 0..DEVICES {
        application.single(&format!("devices/pump-{index}/properties"), properties(index));
    }
    application.list("devices/pump-0/modules", [json!({"name": "m 1", "displayName": "M"})]);
    let level = json!({"limit": 4, "$metadata": {"limit": {"desiredValue": 5}}});
    application.single("devices/pump-0/modules/m 1/properties", level);
    let feeds = json!({"id": "feeds", "source": "pump-0", "target": "pump-1"});
    application.list("devices/pump-0/relationships", [feeds.clone()]);
    application.list("devices/pump-1/relationships", [feeds]);
    application.single(
        "devices/pump-3/attestation",
        json!({"type": "symmetricKey",
        "symmetricKey": {"primaryKey": "canary-3", "secondaryKey": "canary-4"}}),
    );
    application.list(
        "deviceGroups",
        [json!({"id": "all", "displayName": "All", "etag": "e",
        "filter": format!("SELECT * FROM devices WHERE $template = \"{TEMPLATE}\"")})],
    );
    application.single("fileUploads", json!({"container": "files", "sasTtl": "PT1H", "etag": "e",
        "state": "succeeded", "connectionString": "AccountName=a;AccountKey=canary-5;EndpointSuffix=x"}));
    let step = json!({"type": "property", "target": TEMPLATE, "path": "target", "value": 20.50});
    application.list(
        "scheduledJobs",
        [
            json!({"id": "nightly", "etag": "e", "group": "all", "data": [step], "enabled": true,
            "schedule": {"start": "2030-01-01T00:00:00Z", "recurrence": "daily"}}),
            json!({"id": "over", "group": "all", "data": [step], "completed": true,
            "schedule": {"start": "2020-01-01T00:00:00Z"}}),
        ],
    );
    let run = json!({"id": "run-1", "scheduledJobId": "nightly", "status": "complete"});
    application.list("scheduledJobs/nightly/jobs", [run]);
    application.list(
        "jobs",
        [json!({"id": "job-1", "group": "all", "data": [step], "status": "complete"})],
    );
    application.list(
        "jobs/job-1/devices",
        (0..DEVICES).map(|index| json!({"id": format!("pump-{index}"), "status": "completed"})),
    );
}

pub(super) fn template() -> Value {
    let part = json!({"@id": "dtmi:test:part;1", "@type": "Interface", "contents": [
        {"@type": "Property", "name": "limit", "schema": "integer", "writable": true}]});
    json!({"@id": TEMPLATE, "@type": ["ModelDefinition", "DeviceModel"], "displayName": "Pump",
        "@context": ["dtmi:iotcentral:context;2"], "etag": "\"~e\"",
        "capabilityModel": {"@id": "dtmi:test:model;1", "@type": "Interface", "contents": [
            {"@type": "Property", "name": "target", "schema": "double", "writable": true},
            {"@type": "Property", "name": "version", "schema": "string"},
            {"@type": ["Property", "Cloud"], "name": "owner", "schema": "string"},
            {"@type": "Component", "name": "part", "schema": part}]}})
}

/// Every tenth device has no template, and no properties either.
pub(super) fn device(index: usize) -> Value {
    let mut device = json!({"id": format!("pump-{index}"), "etag": "e", "enabled": true,
        "displayName": format!("Pump ü {index}"), "provisioned": true, "simulated": false,
        "organizations": ["hall"], "unheard": {"of": [1.50, null]}});
    if index % 10 != 9 {
        device["template"] = json!(TEMPLATE);
    }
    device
}

pub(super) fn properties(index: usize) -> Value {
    if index % 10 == 9 {
        return json!({"$metadata": {}});
    }
    json!({"target": 20.0, "version": "1.2", "owner": format!("owner {index}"),
        "part": {"limit": 3, "$metadata": {"limit": {"desiredValue": 3, "ackCode": 200}}},
        "$metadata": {"target": {"desiredValue": 21.5}, "version": {"lastUpdateTime": "2024-01-01T00:00:00Z"}}})
}
