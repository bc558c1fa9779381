//! What a restore plans, sends and reports.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit_iot_central::Client;
use twinkit_iot_central::archive::{
    Action, ArchiveError, Collection, Existing, Export, Outcome, Plan, Restore, RestoreReport,
};
use twinkit_tests::support::application::{Application, Fate};

use super::seed::{ADMINISTRATOR, DEVICES, TEMPLATE, seeded};
use super::{client, client_of};

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

#[tokio::test]
async fn a_refused_item_takes_what_belongs_to_it_along_and_nothing_else() {
    let (folder, application) = (archive(false).await, target().await);
    application.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "devices/pump-0") => Fate::Status(422),
        _ => Fate::Served,
    });
    let report = restore(&application, folder.path(), Existing::Skip).await.unwrap();
    assert!(reason(&report, Collection::Devices, "pump-0").contains("422"));
    for (collection, id) in [
        (Collection::DeviceProperties, "pump-0"),
        (Collection::DeviceProperties, "pump-0, module m 1"),
        (Collection::DeviceRelationships, "feeds of pump-0"),
    ] {
        assert!(reason(&report, collection, id).contains("its device was not carried"));
    }
    assert_eq!(outcome(&report, Collection::DeviceProperties, "pump-1"), &Outcome::Created);

    let application = target().await;
    application.rule(|_, asked| match asked.method == "PUT" && asked.path.contains("Templates/") {
        true => Fate::Status(422),
        false => Fate::Served,
    });
    let report = restore(&application, folder.path(), Existing::Skip).await.unwrap();
    assert!(reason(&report, Collection::Devices, "pump-0").contains("was not carried"));
    assert_eq!(outcome(&report, Collection::Devices, "pump-9"), &Outcome::Created);
    assert!(!writes(&application).contains(&("PUT".to_owned(), "devices/pump-0".to_owned())));
}

#[tokio::test]
async fn keys_and_new_tokens_are_carried_on_request_and_shown_by_nothing() {
    let (folder, application) = (archive(true).await, target().await);
    let client = client(&application);
    let plan: Plan<'_> =
        Restore::new(&client, folder.path()).recreate_api_tokens().plan().await.unwrap();
    let planned = format!("{plan:?} {plan}");
    let report = plan.apply().await.unwrap();
    let attestation = application.document("devices/pump-3/attestation").unwrap();
    assert_eq!(attestation["symmetricKey"]["primaryKey"], "canary-3");
    let group = application.document("enrollmentGroups/keys").unwrap();
    assert_eq!(group["attestation"]["symmetricKey"]["secondaryKey"], "canary-2");
    assert_eq!(report.tokens[0].id, "ops");
    assert_eq!(report.tokens[0].token.expose(), "SharedAccessSignature canary ops");
    let roles = json!([{"role": ADMINISTRATOR}]);
    assert_eq!(application.document("apiTokens/ops").unwrap()["roles"], roles);
    let shown = format!("{planned} {report:?} {report}");
    assert!(!shown.contains("canary"), "{shown}");
    let again = Restore::new(&client, folder.path()).recreate_api_tokens().plan().await.unwrap();
    let token = again.items().iter().find(|item| item.collection == Collection::ApiTokens);
    assert!(matches!(token.unwrap().action, Action::Skip { .. }));
}

#[tokio::test]
async fn groups_that_are_there_keep_their_keys_if_the_archive_has_none() {
    let (folder, application) = (archive(false).await, target().await);
    let keys = json!({"type": "symmetricKey", "symmetricKey": {"primaryKey": "here"}});
    let group = json!({"id": "keys", "displayName": "Other", "type": "iot", "attestation": keys});
    application.list("enrollmentGroups", [group]);
    let report = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert_eq!(outcome(&report, Collection::EnrollmentGroups, "keys"), &Outcome::Replaced);
    let group = application.document("enrollmentGroups/keys").unwrap();
    assert_eq!((&group["displayName"], &group["attestation"]), (&json!("Keys"), &keys));
    assert!(
        writes(&application).contains(&("PATCH".to_owned(), "enrollmentGroups/keys".to_owned()))
    );
}

#[tokio::test]
async fn the_same_person_under_another_id_is_not_made_twice() {
    let (folder, application) = (archive(false).await, target().await);
    let user = json!({"id": "boss", "type": "email", "email": "U0@X.example", "roles": []});
    application.list("users", [user]);
    let report = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert!(reason(&report, Collection::Users, "user-0").contains("boss"));
    assert!(application.document("users/user-0").is_none());
}

#[tokio::test]
async fn lists_that_may_not_be_read_keep_their_items_back() {
    let (folder, application) = (archive(false).await, target().await);
    application.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "devices" | "users" | "roles") => Fate::Status(403),
        _ => Fate::Served,
    });
    let report = restore(&application, folder.path(), Existing::Skip).await.unwrap();
    for (collection, id) in [
        (Collection::Users, "user-0"),
        (Collection::Devices, "pump-0"),
        (Collection::DeviceProperties, "pump-0"),
        (Collection::DeviceRelationships, "feeds of pump-0"),
        (Collection::Roles, "*"),
    ] {
        assert!(reason(&report, collection, id).contains("403"));
    }
    assert_eq!(outcome(&report, Collection::Organizations, "works"), &Outcome::Created);
}

/// Changes one file of an archive.
fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, change(text)).unwrap();
}

#[tokio::test]
async fn what_is_no_whole_archive_is_refused_with_the_line() {
    let application = target().await;
    let refused = async |folder: &Path| {
        restore(&application, folder, Existing::Skip).await.unwrap_err().to_string()
    };
    let folder = TempDir::new().unwrap();
    assert!(refused(folder.path()).await.contains("no archive"));

    let folder = archive(false).await;
    edit(folder.path(), "users.ndjson", |text| {
        text.replacen("{\"id\":\"user-1\"", "[\"id\",\"user-1\"", 1)
    });
    let error = refused(folder.path()).await;
    assert!(error.contains("users.ndjson, line 2: it is no document"), "{error}");

    let folder = archive(false).await;
    edit(folder.path(), "users.ndjson", |text| {
        text.replacen("\"id\":\"user-2\"", "\"ix\":\"user-2\"", 1)
    });
    let error = refused(folder.path()).await;
    assert!(error.contains("users.ndjson, line 3: it has no id"), "{error}");

    let folder = archive(false).await;
    edit(folder.path(), "jobs.ndjson", |text| text.trim_end().to_owned());
    assert!(refused(folder.path()).await.contains("jobs.ndjson"));

    let folder = archive(false).await;
    edit(folder.path(), "manifest.json", |text| {
        let mut manifest: Value = serde_json::from_str(&text).unwrap();
        manifest.as_object_mut().unwrap().remove("ended");
        manifest.to_string()
    });
    assert!(refused(folder.path()).await.contains("not finished"));

    let folder = archive(false).await;
    edit(folder.path(), "manifest.json", |text| text.replacen("\"format\": 1", "\"format\": 9", 1));
    assert!(refused(folder.path()).await.contains("has format 9"));
    assert!(writes(&application).is_empty());
}

/// The same with a caller whose token tells who it is.
fn client_of_person(application: &Application, address: &str) -> Client {
    let claims = URL_SAFE_NO_PAD.encode(json!({"oid": "o", "upn": address}).to_string());
    client_of(application, &format!("e30.{claims}.c2ln"))
}

#[tokio::test]
async fn the_user_who_calls_keeps_its_roles_and_the_last_administrator_is_told() {
    let user = |id: &str, email: &str, role: &str| json!({"id": id, "type": "email", "email": email, "roles": [{"role": role}]});
    let (from, folder) = (target().await, TempDir::new().unwrap());
    from.list("users", ["0", "1"].map(|id| user(id, &format!("{id}@x"), "other-a")));
    Export::new(&client(&from), folder.path()).run().await.unwrap();
    // The first one is another person here.
    let application = target().await;
    application.list("users", [user("0", "me@x", ADMINISTRATOR), user("1", "1@x", ADMINISTRATOR)]);

    let warns = async |client: &Client, existing| {
        let plan = Restore::new(client, folder.path()).existing(existing).plan().await.unwrap();
        assert_eq!(plan.takes_last_administrator(), plan.to_string().contains("beware"), "{plan}");
        plan.takes_last_administrator()
    };
    let (stranger, me) = (client(&application), client_of_person(&application, "Me@x"));
    assert!(warns(&stranger, Existing::Replace).await);
    assert!(!warns(&stranger, Existing::Skip).await);
    assert!(!warns(&me, Existing::Replace).await, "the caller stays one");

    let restore = Restore::new(&me, folder.path()).existing(Existing::Replace);
    let report = restore.plan().await.unwrap().apply().await.unwrap();
    assert!(reason(&report, Collection::Users, "0").contains("who calls"));
    assert_eq!(application.document("users/0").unwrap(), user("0", "me@x", ADMINISTRATOR));
    assert_eq!(outcome(&report, Collection::Users, "1"), &Outcome::Replaced);
}

/// An archive with these API tokens, by id and end.
async fn tokens(tokens: &[(&str, Value)]) -> TempDir {
    let (application, folder) = (target().await, TempDir::new().unwrap());
    let token = |(id, expiry): &(&str, Value)| json!({"id": id, "roles": [{"role": ADMINISTRATOR}], "expiry": expiry});
    application.list("apiTokens", tokens.iter().map(token));
    Export::new(&client(&application), folder.path()).run().await.unwrap();
    folder
}

const AHEAD: &str = "2090-01-01T00:00:00.000Z";

#[tokio::test]
async fn new_tokens_end_as_those_of_the_archive_do() {
    let over = json!("2024-01-01T00:00:00.000Z");
    let all = [("over", over), ("ahead", json!(AHEAD)), ("untold", json!(null))];
    let (folder, application) = (tokens(&all).await, target().await);
    let client = client(&application);
    let restore = || Restore::new(&client, folder.path()).replace_api_tokens();
    let report = restore().plan().await.unwrap().apply().await.unwrap();
    assert!(reason(&report, Collection::ApiTokens, "over").contains("it ended at 2024-01-01"));
    let made = |id: &str| application.document(&format!("apiTokens/{id}"));
    assert_eq!(made("over"), None);
    assert_eq!(made("ahead").unwrap()["expiry"], AHEAD);
    assert_eq!(made("untold").unwrap().get("expiry"), None);
    let notes = |report: &RestoreReport, id: &str| {
        report.items.iter().find(|item| item.id == id).unwrap().notes.join("; ")
    };
    assert!(notes(&report, "untold").contains("set by the service"));
    assert!(!notes(&report, "ahead").contains("end"), "{}", notes(&report, "ahead"));

    // The service may choose another end, and one that has ended is not revoked.
    let ended = json!({"id": "over", "roles": [{"role": ADMINISTRATOR}]});
    application.list("apiTokens", [ended.clone()]);
    application.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "apiTokens/ahead") => {
            let made =
                json!({"id": "ahead", "roles": [], "token": "t", "expiry": "2031-01-01T00:00:00Z"});
            Fate::Body(made.to_string())
        }
        _ => Fate::Served,
    });
    let report = restore().plan().await.unwrap().apply().await.unwrap();
    let told = notes(&report, "ahead");
    assert!(told.contains("it ends at 2031-01-01T00:00:00Z, not at 2090"), "{told}");
    assert!(application.items("apiTokens").contains(&ended));
}

#[tokio::test]
async fn a_value_that_is_lost_ends_the_making_of_tokens() {
    let ids = ["one", "two", "three"];
    let all = ids.map(|id| (id, json!(AHEAD)));
    let folder = tokens(&all).await;
    let there = || async {
        let application = target().await;
        let token = |id: &str| json!({"id": id, "roles": [{"role": ADMINISTRATOR}]});
        application.list("apiTokens", ids.map(token));
        application
    };
    let of_tokens = |application: &Application| -> Vec<String> {
        let writes = writes(application).into_iter();
        writes.map(|(method, path)| format!("{method} {path}")).collect()
    };

    let application = there().await;
    application.rule(|_, _| Fate::Served);
    let client_here = client(&application);
    let mut kept = 0;
    let restore = Restore::new(&client_here, folder.path()).replace_api_tokens();
    let restore = restore.on_api_token(|_| {
        kept += 1;
        if kept < 2 { Ok(()) } else { Err(std::io::Error::other("the disk is full")) }
    });
    let report = restore.plan().await.unwrap().apply().await.unwrap();
    let second = reason(&report, Collection::ApiTokens, "two");
    assert!(second.contains("the disk is full") && second.contains("revoked again"), "{second}");
    let third = reason(&report, Collection::ApiTokens, "three");
    assert!(third.contains("left alone, since two was lost"), "{third}");
    assert_eq!(report.tokens.len(), 1);
    let expected = [
        "DELETE apiTokens/one",
        "PUT apiTokens/one",
        "DELETE apiTokens/two",
        "PUT apiTokens/two",
        "DELETE apiTokens/two",
    ];
    assert_eq!(of_tokens(&application), expected);
    assert_eq!(kept, 2);

    // Neither is another one revoked where one could not be made anew.
    for status in [422, 503] {
        let application = there().await;
        application.rule(move |_, asked| match asked.method.as_str() {
            "PUT" => Fate::Status(status),
            _ => Fate::Served,
        });
        let client = client(&application);
        let restore = Restore::new(&client, folder.path()).replace_api_tokens();
        let report = match restore.plan().await.unwrap().apply().await {
            Ok(report) => report,
            Err(ArchiveError::Stopped { report, .. }) => *report,
            Err(error) => panic!("{error}"),
        };
        assert!(reason(&report, Collection::ApiTokens, "one").contains("it was revoked"));
        assert_eq!(of_tokens(&application), ["DELETE apiTokens/one", "PUT apiTokens/one"]);
    }
}
