//! What is refused: by the application, item by item, and an archive that is not whole.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use twinkit_iot_central::archive::{Collection, Existing, Outcome};
use twinkit_tests::support::application::Fate;

use super::{archive, outcome, reason, restore, target, writes};

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
