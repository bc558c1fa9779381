//! What a restore plans, sends and reports. Refusals, people and secrets have files of
//! their own.

mod people;
mod refusals;
mod secrets;

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use twinkit_iot_central::archive::{
    Action, ArchiveError, Collection, Existing, Export, Outcome, Restore, RestoreReport,
};
use twinkit_tests::support::application::{Application, Fate};

use super::client;
use super::seed::{ADMINISTRATOR, DEVICES, TEMPLATE, seeded};

/// An archive of the seed, with keys if wanted.
async fn archive(secrets: bool) -> TempDir {
    let (application, folder) = (seeded().await, TempDir::new().unwrap());
    let client = client(&application);
    let export = Export::new(&client, folder.path());
    let export = if secrets { export.with_secrets() } else { export };
    export.run().await.unwrap();
    folder
}

/// Another application, with what each has from the start.
async fn target() -> Application {
    let application = Application::start().await.unwrap();
    application.list(
        "roles",
        [
            json!({"id": ADMINISTRATOR, "displayName": "Administrator"}),
            json!({"id": "other-a", "displayName": "Night shift"}),
        ],
    );
    application
}

async fn restore(
    application: &Application,
    folder: &Path,
    existing: Existing,
) -> Result<RestoreReport, ArchiveError> {
    let client = client(application);
    Restore::new(&client, folder).existing(existing).plan().await?.apply().await
}

fn outcome<'a>(report: &'a RestoreReport, collection: Collection, id: &str) -> &'a Outcome {
    let item = report.items.iter().find(|item| item.collection == collection && item.id == id);
    &item.unwrap_or_else(|| panic!("no {id} of {collection}")).outcome
}

fn reason(report: &RestoreReport, collection: Collection, id: &str) -> String {
    match outcome(report, collection, id) {
        Outcome::NotCarried { reason } => reason.clone(),
        other => panic!("{id} of {collection}: {other:?}"),
    }
}

fn writes(application: &Application) -> Vec<(String, String)> {
    let asked = application.asked().into_iter().filter(|asked| asked.method != "GET");
    asked.map(|asked| (asked.method, asked.path)).collect()
}

#[tokio::test]
async fn everything_that_can_be_is_carried_and_the_rest_is_told() {
    let (folder, application) = (archive(false).await, target().await);
    let client = client(&application);
    let mut told = Vec::new();
    let restore = Restore::new(&client, folder.path());
    let plan =
        restore.on_progress(|progress| told.push(progress.to_string())).plan().await.unwrap();
    assert!(writes(&application).is_empty());
    let devices = plan.items().iter().filter(|item| item.collection == Collection::Devices);
    assert_eq!(devices.filter(|item| item.action == Action::Create).count(), DEVICES);
    assert!(plan.to_string().contains("devices: 27 to create"), "{plan}");
    assert!(plan.to_string().contains("rules and their actions"), "{plan}");
    let report = plan.apply().await.unwrap();
    assert_eq!(told.len(), report.items.len());

    // Parents come before their children, templates before devices.
    let sent = writes(&application);
    let at = |path: &str| sent.iter().position(|(_, sent)| sent == path).unwrap();
    assert!(at("organizations/works") < at("organizations/hall"));
    assert!(at(&format!("deviceTemplates/{TEMPLATE}")) < at("devices/pump-0"));
    assert!(at("devices/pump-26") < at("devices/pump-0/relationships/feeds"));

    // No etag and nothing read-only is sent, and nothing runs.
    for asked in application.asked().iter().filter(|asked| asked.method != "GET") {
        for member in ["etag", "provisioned", "id", "state", "$metadata"] {
            assert!(asked.body.get(member).is_none(), "{member} in {asked:?}");
        }
        assert!(!asked.path.starts_with("jobs") && asked.path != "fileUploads", "{asked:?}");
    }
    let device = application.document("devices/pump-1").unwrap();
    let expected = json!({"id": "pump-1", "etag": "\"here\"", "enabled": true, "simulated": false,
        "displayName": "Pump ü 1", "organizations": ["hall"], "template": TEMPLATE});
    assert_eq!(device, expected);
    let properties = application.document("devices/pump-1/properties").unwrap();
    let expected = json!({"target": 21.5, "owner": "owner 1", "part": {"limit": 3}});
    assert_eq!(properties, expected);
    let module = application.document("devices/pump-0/modules/m 1/properties").unwrap();
    assert_eq!(module, json!({"limit": 5}));
    let template = application.document(&format!("deviceTemplates/{TEMPLATE}")).unwrap();
    assert_eq!(template["@context"], json!(["dtmi:iotcentral:context;2"]));

    // Roles go by id, then by name; whoever has none left is told.
    let user = application.document("users/user-1").unwrap();
    assert_eq!(user["roles"], json!([{"role": "other-a"}]));
    assert!(reason(&report, Collection::Users, "user-2").contains("custom-b"));
    assert!(reason(&report, Collection::Roles, "custom-b").contains("Day shift"));

    assert!(reason(&report, Collection::ApiTokens, "ops").contains("recreate_api_tokens"));
    assert!(reason(&report, Collection::DeviceAttestations, "pump-3").contains("no keys"));
    assert!(reason(&report, Collection::FileUploads, "file-uploads").contains("masked"));
    assert!(reason(&report, Collection::Jobs, "job-1").contains("history"));
    assert!(reason(&report, Collection::JobDevices, "*").contains("27 lines"));
    assert!(reason(&report, Collection::ScheduledJobs, "over").contains("run again"));
    assert!(
        reason(&report, Collection::EnrollmentGroupCertificates, "certs").contains("thumbprints")
    );
    let notes = |collection, id: &str| {
        let item = report.items.iter().find(|item| item.collection == collection && item.id == id);
        item.unwrap().notes.join("; ")
    };
    assert!(notes(Collection::DeviceProperties, "pump-1").contains("only the device sets version"));
    assert!(notes(Collection::Devices, "pump-1").contains("unheard"));
    assert!(notes(Collection::EnrollmentGroups, "keys").contains("new ones"));
    let group = application.document("enrollmentGroups/keys").unwrap();
    assert_eq!(group["attestation"], json!({"type": "symmetricKey"}));
}

#[tokio::test]
async fn templates_that_get_another_id_are_named_by_it_everywhere() {
    let (folder, application) = (archive(false).await, target().await);
    application.rename_templates();
    let report = restore(&application, folder.path(), Existing::Skip).await.unwrap();
    let templates = application.items("deviceTemplates");
    let here = templates[0]["@id"].as_str().unwrap();
    assert_ne!(here, TEMPLATE);
    assert_eq!(application.document("devices/pump-0").unwrap()["template"], here);
    let filter = application.document("deviceGroups/all").unwrap()["filter"].clone();
    assert_eq!(filter, format!("SELECT * FROM devices WHERE $template = \"{here}\""));
    assert_eq!(application.document("scheduledJobs/nightly").unwrap()["data"][0]["target"], here);
    let item = report.items.iter().find(|item| item.collection == Collection::DeviceTemplates);
    assert!(item.unwrap().notes.join(" ").contains(here));

    // Found again by its model, it is not made twice.
    application.heal();
    let again = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert_eq!(writes(&application), [], "{again}");
    assert_eq!(application.items("deviceTemplates"), templates);
}

#[tokio::test]
async fn run_again_it_sends_nothing_and_stopped_anywhere_it_carries_on() {
    let folder = archive(true).await;
    let whole = target().await;
    restore(&whole, folder.path(), Existing::Skip).await.unwrap();
    let writes_in_all = writes(&whole).len();
    for stop in (0..writes_in_all).step_by(7) {
        let application = target().await;
        let mut done = 0;
        application.rule(move |_, asked| {
            done += usize::from(asked.method != "GET");
            if done > stop { Fate::Status(503) } else { Fate::Served }
        });
        let error = restore(&application, folder.path(), Existing::Skip).await.unwrap_err();
        let ArchiveError::Stopped { report, .. } = &error else { panic!("{error}") };
        let made = report.items.iter().filter(|item| item.outcome == Outcome::Created);
        assert!(made.count() <= stop);
        application.heal();
        restore(&application, folder.path(), Existing::Fail).await.unwrap();
        for list in ["devices", "users", "organizations", "deviceGroups", "scheduledJobs"] {
            let by_id = |application: &Application| {
                let mut items = application.items(list);
                items.sort_by_key(|item| item["id"].as_str().unwrap().to_owned());
                items
            };
            assert_eq!(by_id(&application), by_id(&whole), "{list}, stopped at {stop}");
        }
        application.heal();
        restore(&application, folder.path(), Existing::Replace).await.unwrap();
        assert_eq!(writes(&application), [], "stopped at {stop}");
    }
}

/// A target in which a device, a property and a user differ.
async fn different(folder: &Path) -> Application {
    let application = target().await;
    restore(&application, folder, Existing::Skip).await.unwrap();
    let mut devices = application.items("devices");
    let first = devices.iter_mut().find(|device| device["id"] == "pump-0").unwrap();
    first["displayName"] = json!("Mine");
    application.list("devices", devices);
    application.single("devices/pump-1/properties", json!({"target": 1, "part": {}}));
    application.heal();
    application
}

#[tokio::test]
async fn what_differs_is_left_replaced_or_refused_as_is_asked() {
    let folder = archive(false).await;
    let name = |application: &Application| {
        application.document("devices/pump-0").unwrap()["displayName"].clone()
    };
    let properties =
        |application: &Application| application.document("devices/pump-1/properties").unwrap();

    let application = different(folder.path()).await;
    let report = restore(&application, folder.path(), Existing::Skip).await.unwrap();
    assert!(reason(&report, Collection::Devices, "pump-0").contains("differs"));
    assert_eq!(name(&application), "Mine");
    // Properties that it lacks are set all the same.
    let expected = json!({"target": 1, "owner": "owner 1", "part": {"limit": 3}});
    assert_eq!(properties(&application), expected);

    let application = different(folder.path()).await;
    let report = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert_eq!(outcome(&report, Collection::Devices, "pump-0"), &Outcome::Replaced);
    assert_eq!(outcome(&report, Collection::Devices, "pump-2"), &Outcome::Same);
    assert_eq!(name(&application), "Pump ü 0");
    assert_eq!(properties(&application)["target"], 21.5);

    let application = different(folder.path()).await;
    let error = restore(&application, folder.path(), Existing::Fail).await.unwrap_err();
    let ArchiveError::Conflicts { items } = &error else { panic!("{error}") };
    let expected = [(Collection::Devices, "pump-0"), (Collection::DeviceProperties, "pump-1")];
    let expected = expected.map(|(collection, id)| (collection, id.to_owned()));
    assert_eq!(items, &expected);
    assert!(writes(&application).is_empty());
}
