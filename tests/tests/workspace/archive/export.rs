//! What an export writes, and that being stopped makes no difference to it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use twinkit_iot_central::archive::{ArchiveError, Collection, Export, ExportReport, Restore};
use twinkit_tests::support::application::{Application, Asked, Fate};

use super::seed::{DEVICES, seeded};
use super::{client, contents, lines, manifest};

async fn export(application: &Application, folder: &Path) -> Result<ExportReport, ArchiveError> {
    Export::new(&client(application), folder).run().await
}

/// What an export that is never stopped writes, and how much it asks.
async fn whole(application: &Application) -> (BTreeMap<String, String>, usize) {
    let folder = TempDir::new().unwrap();
    application.heal();
    export(application, folder.path()).await.unwrap();
    let asked = application.asked().len();
    application.heal();
    (contents(folder.path()), asked)
}

#[tokio::test]
async fn everything_is_written_as_it_came_but_for_secrets() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    let mut told = Vec::new();
    let report = Export::new(&client(&application), folder.path())
        .on_progress(|progress| told.push(progress.to_string()))
        .run()
        .await
        .unwrap();
    assert!(report.is_complete() && !report.resumed);
    assert!(told.contains(&"devices: 25 items in 1 pages".to_owned()), "{told:?}");
    assert!(told.contains(&"devices: 27 items in 2 pages, done".to_owned()), "{told:?}");
    for collection in ["roles", "organizations", "users", "devices"] {
        assert_eq!(lines(folder.path(), collection), application.items(collection), "{collection}");
    }
    assert_eq!(lines(folder.path(), "device-templates"), application.items("deviceTemplates"));
    let properties = lines(folder.path(), "device-properties");
    assert_eq!(properties.len(), DEVICES);
    let first = application.document("devices/pump-0/properties").unwrap();
    let module = application.document("devices/pump-0/modules/m 1/properties").unwrap();
    let expected = json!({"device": "pump-0", "properties": first, "modules": {"m 1": module}});
    assert_eq!(properties[0], expected);
    assert!(properties[1].get("modules").is_none());
    let feeds = json!({"id": "feeds", "source": "pump-0", "target": "pump-1"});
    assert_eq!(lines(folder.path(), "device-relationships"), [feeds]);
    let attestation = json!({"type": "symmetricKey", "symmetricKey": {}});
    let expected = json!({"device": "pump-3", "attestation": attestation});
    assert_eq!(lines(folder.path(), "device-attestations"), [expected]);
    let certificates = lines(folder.path(), "enrollment-group-certificates");
    assert_eq!(certificates[0]["primary"]["info"]["sha1Thumbprint"], "AB");
    assert_eq!(lines(folder.path(), "job-devices").len(), DEVICES);
    assert_eq!(lines(folder.path(), "scheduled-job-runs")[0]["run"]["id"], "run-1");
    let manifest = manifest(folder.path());
    assert_eq!(manifest["application"], application.url());
    assert_eq!((&manifest["format"], &manifest["secrets"]), (&json!(1), &json!(false)));
    for (file, text) in contents(folder.path()) {
        assert!(!text.contains("canary"), "{file}");
    }
    // Devices without a template have no modules to ask for.
    let asked = application.asked();
    assert!(asked.iter().any(|asked| asked.path == "devices/pump-8/modules"));
    assert!(!asked.iter().any(|asked| asked.path == "devices/pump-9/modules"));
}

#[tokio::test]
async fn text_and_numbers_are_kept_letter_by_letter() {
    let application = Application::start().await.unwrap();
    let folder = TempDir::new().unwrap();
    application.rule(|_, asked| match asked.path.as_str() {
        "roles" => Fate::Body(
            "{\"value\": [\n {\"id\": \"a\",\n  \"z\": 1.50e0, \"big\": 123456789012345678901, \
             \"text\": \"\\u00fc \\n\"}\n]}"
                .to_owned(),
        ),
        _ => Fate::Served,
    });
    export(&application, folder.path()).await.unwrap();
    let text = std::fs::read_to_string(folder.path().join("roles.ndjson")).unwrap();
    let expected =
        "{\"id\":\"a\",\"z\":1.50e0,\"big\":123456789012345678901,\"text\":\"\\u00fc \\n\"}\n";
    assert_eq!(text, expected);
}

/// Runs `attempt` for every request at which an export can be stopped, each
/// with an application and a folder of its own, and compares what it ends with.
/// Several at a time: an export waits for the disk most of its time.
async fn at_every_request<F>(attempt: impl Fn(Application, TempDir, usize) -> F)
where
    F: Future<Output = TempDir> + Send + 'static,
{
    let (expected, requests) = whole(&seeded().await).await;
    assert!(requests > 3 * DEVICES, "{requests}");
    let mut attempts = JoinSet::new();
    for stop in 0..requests {
        if attempts.len() >= 16 {
            compare(attempts.join_next().await.unwrap().unwrap(), &expected);
        }
        let attempt = attempt(seeded().await, TempDir::new().unwrap(), stop);
        attempts.spawn(async move { (stop, attempt.await) });
    }
    while let Some(ended) = attempts.join_next().await {
        compare(ended.unwrap(), &expected);
    }
}

fn compare((stop, folder): (usize, TempDir), expected: &BTreeMap<String, String>) {
    assert_eq!(&contents(folder.path()), expected, "stopped at request {stop}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn stopped_by_a_failure_at_any_request_it_goes_on_to_the_same_end() {
    at_every_request(|application, folder, stop| async move {
        application.rule(move |number, _| match number {
            number if number >= stop => Fate::Status(500),
            _ => Fate::Served,
        });
        let error = export(&application, folder.path()).await.unwrap_err();
        assert!(matches!(error, ArchiveError::Service { .. }), "{error}");
        application.heal();
        let report = export(&application, folder.path()).await.unwrap();
        assert!(report.resumed);
        folder
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn dropped_at_any_request_and_torn_in_a_write_it_goes_on_to_the_same_end() {
    at_every_request(|application, folder, stop| async move {
        application.rule(move |number, _| match number {
            number if number >= stop => Fate::Stuck,
            _ => Fate::Served,
        });
        tokio::select! {
            result = export(&application, folder.path()) => panic!("it ended: {result:?}"),
            () = application.stuck() => {}
        }
        tear(folder.path());
        application.heal();
        export(&application, folder.path()).await.unwrap();
        folder
    })
    .await;
}

/// What a machine that went down in the middle of writing may leave: half a
/// page behind what counts, and half a manifest that was never renamed.
fn tear(folder: &Path) {
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "ndjson") {
            let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"{\"id\":\"half a li").unwrap();
        }
    }
    std::fs::write(folder.join("manifest.json.new"), "{\"format\":").unwrap();
}

#[tokio::test]
async fn the_files_do_not_depend_on_how_much_is_asked_at_a_time() {
    let application = seeded().await;
    let (expected, _) = whole(&application).await;
    for concurrency in [1, 100] {
        let folder = TempDir::new().unwrap();
        let client = client(&application);
        let export = Export::new(&client, folder.path()).concurrency(concurrency);
        export.run().await.unwrap();
        assert_eq!(contents(folder.path()), expected);
    }
}

fn is_link(asked: &Asked, path: &str) -> bool {
    asked.path == path && asked.query.contains("skiptoken")
}

#[tokio::test]
async fn a_link_that_is_not_taken_any_more_has_its_list_begun_anew_once() {
    let application = seeded().await;
    let (expected, _) = whole(&application).await;
    for status in [400, 404, 410] {
        let folder = TempDir::new().unwrap();
        let mut refused = false;
        application.rule(move |_, asked| match is_link(asked, "users") {
            true if !std::mem::replace(&mut refused, true) => Fate::Status(status),
            _ => Fate::Served,
        });
        let report = export(&application, folder.path()).await.unwrap();
        assert_eq!(report.restarted, [Collection::Users]);
        assert_eq!(contents(folder.path()), expected);
    }
    let folder = TempDir::new().unwrap();
    application.rule(|_, asked| match is_link(asked, "users") {
        true => Fate::Status(410),
        false => Fate::Served,
    });
    for _ in 0..2 {
        let error = export(&application, folder.path()).await.unwrap_err();
        assert!(error.to_string().starts_with("users: list_users: 410"), "{error}");
    }
    application.heal();
    export(&application, folder.path()).await.unwrap();
    assert_eq!(contents(folder.path()), expected);
}

#[tokio::test]
async fn a_link_to_elsewhere_is_not_followed() {
    let application = seeded().await;
    let elsewhere = Application::start().await.unwrap();
    let folder = TempDir::new().unwrap();
    let page = json!({"value": [], "nextLink": format!("{}/api/roles", elsewhere.url())});
    application.rule(move |_, asked| match asked.path.as_str() {
        "roles" => Fate::Body(page.to_string()),
        _ => Fate::Served,
    });
    for _ in 0..2 {
        let error = export(&application, folder.path()).await.unwrap_err();
        assert!(error.to_string().contains("not followed"), "{error}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn what_may_not_be_read_and_what_was_deleted_is_noted_and_the_rest_written() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    application.rule(|_, asked| match asked.path.as_str() {
        "apiTokens" | "jobs" => Fate::Status(403),
        "devices/pump-5/properties" => Fate::Status(404),
        _ => Fate::Served,
    });
    let report = export(&application, folder.path()).await.unwrap();
    assert!(!report.is_complete());
    for collection in [Collection::ApiTokens, Collection::Jobs] {
        let missing = report.get(collection).unwrap().missing.clone().unwrap();
        assert!(missing.contains("403"), "{missing}");
        assert!(!folder.path().join(collection.file()).exists());
    }
    assert!(report.get(Collection::JobDevices).unwrap().missing.is_some());
    let properties = report.get(Collection::DeviceProperties).unwrap();
    assert_eq!(properties.gone, ["pump-5"]);
    assert_eq!(properties.items, DEVICES as u64 - 1);
    assert_eq!(lines(folder.path(), "devices").len(), DEVICES);
    assert!(report.to_string().contains("1 deleted meanwhile"), "{report}");
}

#[tokio::test]
async fn keys_are_kept_on_request_in_files_of_the_owner() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    let client = client(&application);
    Export::new(&client, folder.path()).with_secrets().run().await.unwrap();
    let files = contents(folder.path());
    assert!(files["enrollment-groups.ndjson"].contains("canary-1"));
    assert!(files["device-attestations.ndjson"].contains("canary-4"));
    // The service masks it, so that it could be carried nowhere.
    assert!(!files["file-uploads.ndjson"].contains("canary"));
    assert_eq!(manifest(folder.path())["secrets"], Value::Bool(true));
    #[cfg(unix)]
    for file in files.keys() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn both_ways_can_travel_between_threads() {
    fn travels<T: Send>(_: &T) {}
    let application = Application::start().await.unwrap();
    let client = client(&application);
    let export = Export::new(&client, "nowhere").on_progress(|_| {});
    travels(&export.run());
    let restore = Restore::new(&client, "nowhere").on_progress(|_| {});
    travels(&async { restore.plan().await?.apply().await });
}
